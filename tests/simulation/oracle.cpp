#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace tocsin::simulation {

using delivery::settlement;

void violated(const std::string& what) { throw violation(what); }

oracle::oracle(const options& drawn, std::vector<partition>& logs)
    : drawn_(drawn), logs_(logs), places_(logs.size()), allowances_(1) {
  key_in_flight_.resize((drawn.keys_shared ? 1 : logs.size()) * drawn.keys);
  for (auto& place : places_) place.lanes.resize(key_in_flight_.size());
}

oracle::reference& oracle::find(event_id id) {
  const auto i = delivery::index_of(id);
  if (i >= references_.size() || references_[i].id != id || !references_[i].live)
    violated("an event that is not in progress is named");
  return references_[i];
}

// --- the process and its partitions

void oracle::process_started() {
  references_.clear();
  committing_.clear();
  starts_.clear();
  std::fill(key_in_flight_.begin(), key_in_flight_.end(), 0);
  books_ = {};
  bytes_ = unpersisted_ = on_the_wire_ = expected_ = faults_ = 0;
  closed_until_ = last_send_ = {};
  probed_period_ = nothing;
  time_up_ = {};
  for (auto& place : places_) place.highest = -1;
}

void oracle::assigned(unsigned p, std::uint32_t from, std::optional<std::int64_t> found_anew) {
  auto& place = places_[p];
  require(place.tenure == 0, "assigned twice");
  tenures_.push_back(0);
  place.tenure = static_cast<std::uint32_t>(tenures_.size() - 1);
  place.stopped = false;
  place.settled = place.persisted = 0;
  place.read = place.verified = from;
  if (found_anew) {
    place.highest = std::min(place.highest, *found_anew - 1);
    for (auto& record : std::span(logs_[p].log).subspan(from)) record.accepted_in = 0; // what lies before the cut may come again
  } else if (logs_[p].stored && logs_[p].stored->cut_at) {
    mislead(p);
  }
}

// What was committed before a cut is believed: of the records that have come since, those that it calls settled are skipped. None
// of them may have been taken before: that had to wait for a commit.
void oracle::mislead(unsigned p) {
  auto& log = logs_[p];
  try {
    log.misled = read_claims(log.stored->offset, log.stored->metadata);
  } catch (const std::runtime_error&) { // of another offset, or no map
    log.misled = claims{log.stored->offset, log.stored->offset, {}};
  }
  log.misled_from = *log.stored->cut_at;
  for (auto& record : std::span(log.log).subspan(log.find(log.misled_from))) {
    if (!log.misled->settled(record.offset)) continue;
    require(!record.seen || record.done || record.gone, "a record that was taken is skipped after a restart");
    record.done = true;
  }
}

void oracle::begins_at_the_end(unsigned p) {
  for (auto& record : std::span(logs_[p].log).subspan(logs_[p].base)) {
    require(!record.seen || record.done || record.gone, "a record that was taken is skipped after a restart");
    record.done = true;
  }
}

void oracle::give_up(unsigned p, std::uint32_t allowance) {
  auto& place = places_[p];
  for (auto at = place.verified; at < place.read; ++at) logs_[p].log[at].live = false;
  unpersisted_ -= place.settled - place.persisted;
  tenures_[place.tenure] = allowance;
  place.tenure = 0;
}

void oracle::crashed() {
  allowances_.push_back({0, drawn_.engine.max_uncommitted});
  for (auto& r : references_) // nobody can read them again
    if (r.live && r.logless) {
      record_of(r).live = false;
      record_of(r).gone = true;
    }
  for (unsigned p = 0; p < places_.size(); ++p)
    if (places_[p].tenure != 0) give_up(p, static_cast<std::uint32_t>(allowances_.size() - 1));
}

void oracle::released(unsigned p, ending how) {
  auto& place = places_[p];
  stopped(p);
  for (auto& r : references_)
    if (r.live && r.p == p && r.tenure == place.tenure && (r.now_in == stage::idle || r.now_in == stage::dead))
      expect(r, settlement::returned);
  const std::uint64_t limits[] = {0, drawn_.engine.max_uncommitted, ~std::uint64_t{0}};
  allowances_.push_back({0, limits[static_cast<int>(how)]});
  give_up(p, static_cast<std::uint32_t>(allowances_.size() - 1));
}

void oracle::moved_to(unsigned p, std::uint32_t target) {
  auto& log = logs_[p].log;
  logs_[p].misled.reset();
  for (auto at = logs_[p].base; at < log.size(); ++at) {
    log[at].done = at < target;
    if (at >= target) log[at].accepted_in = 0;
  }
}

void oracle::made_anew(unsigned p) {
  auto& place = places_[p];
  for (auto& record : logs_[p].log) record.gone = record.gone || !record.live;
  if (place.tenure == 0) return;
  for (auto& r : references_) {
    if (!r.live || r.p != p || r.tenure != place.tenure) continue;
    r.logless = true;
    r.ahead = r.ahead || place.stopped;
  }
  if (place.stopped) parked_without_log_ = p;
  unpersisted_ -= place.settled - place.persisted;
  tenures_.push_back(0);
  place.tenure = static_cast<std::uint32_t>(tenures_.size() - 1);
  place.settled = place.persisted = 0;
  place.read = place.verified = logs_[p].size();
  place.highest = -1;
}

void oracle::cut(unsigned p, const rearrangement& moved, std::int64_t to) {
  auto& place = places_[p];
  auto& log = logs_[p];
  const auto before = place.tenure;
  tenures_.push_back(0);
  place.tenure = static_cast<std::uint32_t>(tenures_.size() - 1);
  for (auto& r : references_) {
    if (!r.live || r.p != p) continue;
    r.at = moved(r.at);
    if (r.tenure != before) continue;
    if (r.at < log.base) {
      r.logless = true;
    } else {
      r.tenure = place.tenure;
    }
  }
  for (auto& one : std::span(log.log).subspan(log.base))
    if (one.accepted_in == before) one.accepted_in = place.tenure;
  for (auto& lane : place.lanes)
    if (lane.tenure == before && lane.offset < to) lane.tenure = place.tenure;
  place.verified = std::min(place.verified, moved.at) + (moved.end - moved.at);
  place.read = log.size();
  place.highest = std::min(place.highest, to - 1);
}

void oracle::stopped(unsigned p) {
  places_[p].stopped = true;
  for (auto& r : references_) r.ahead = r.ahead || (r.live && r.p == p && r.logless);
}

void oracle::claimed_quiet(unsigned p) const {
  for (const auto& r : references_)
    require(!r.live || r.p != p || r.tenure != places_[p].tenure || r.now_in == stage::idle || r.now_in == stage::dead,
            "a partition is taken for quiet with something of it on its way");
  for (const auto& r : references_)
    require(!r.live || r.p != p || !r.logless, "a partition is taken for quiet with events of a log of its that is gone");
}

bool oracle::finished(unsigned p) const noexcept {
  const auto& log = logs_[p].log;
  return std::all_of(log.begin(), log.end(), [](const record& r) { return (r.done || r.gone) && !r.live; });
}

// --- intake

void oracle::note_received(unsigned p, std::uint32_t at) {
  auto& place = places_[p];
  auto& received = logs_[p].log[at];
  require(!received.live, "a record is taken that is in progress");
  require(books_.in_progress < drawn_.engine.max_in_flight, "more events in progress than max_in_flight");
  require(books_.in_progress + unpersisted_ < drawn_.engine.max_uncommitted, "more events uncommitted than max_uncommitted");
  require(bytes_ < drawn_.engine.max_in_flight_bytes || books_.in_progress == 0,
          "more bytes in progress than max_in_flight_bytes");
  received.seen = true;
  ++books_.received;
  if (received.offset <= place.highest) ++books_.sent_again;
  place.highest = std::max(place.highest, received.offset);
}

void oracle::arrived(unsigned p, std::uint32_t at, delivery::offset_tracker::arrival what) {
  using arrival = delivery::offset_tracker::arrival;
  auto& place = places_[p];
  require(place.tenure != 0 && !place.stopped, "a record is wanted of a partition that is not ours");
  const auto& record = logs_[p].log[at];
  if (at < place.read) {
    require(what == arrival::behind, "a record is taken twice");
    return;
  }
  require(what != arrival::behind, "a record that is news is ignored");
  if (what == arrival::settled_before) require(record.done, "a record is taken for settled that is not");
  place.read = at + 1;
}

void oracle::offered(unsigned p, std::uint32_t at, event_id id, time_point now) {
  note_received(p, at);
  auto& received = logs_[p].log[at];
  received.live = true;
  received.taken = ++taken_;
  ++books_.in_progress;
  bytes_ += received.bytes;
  const auto i = delivery::index_of(id);
  if (i >= references_.size()) references_.resize(i + 1);
  require(!references_[i].live, "two events have one name");
  auto& made = references_[i] = reference{};
  made.id = id;
  made.p = p;
  made.at = at;
  made.tenure = places_[p].tenure;
  made.live = true;
  made.received = now;
  made.up_when_received = time_up_;
  if (received.kind == record_kind::refused) expect_end_as_dead_letter(made);
}

void oracle::offered_skipped(unsigned p, std::uint32_t at) {
  note_received(p, at);
  ++books_.skipped;
  ++places_[p].settled;
  ++unpersisted_;
  logs_[p].log[at].done = true;
}

void oracle::expect(reference& r, settlement how) {
  r.expected = how;
  ++expected_;
}

void oracle::expect_end_as_dead_letter(reference& r) {
  if (!drawn_.engine.dead_letters) {
    expect(r, settlement::dropped);
  } else {
    r.now_in = stage::dead;
  }
}

// --- after every step

void oracle::settled(std::span<const delivery::settled_event> events, time_point now) {
  for (const auto& gone : events) {
    auto& r = find(gone.id);
    require(gone.slot == r.p, "an event is settled under another partition's name");
    if (!r.expected) {
      // Its time was over when its turn came, and there is no dead-letter topic.
      const bool may_expire = !drawn_.engine.dead_letters && drawn_.engine.retry.max_age && r.now_in == stage::idle &&
                              time_up_ - r.up_when_received >= *drawn_.engine.retry.max_age && now >= r.received;
      const bool was_parked = r.logless && r.p == parked_without_log_ && (r.now_in == stage::idle || r.now_in == stage::dead);
      require((may_expire || was_parked) && gone.settlement == settlement::dropped, "an event is settled and nobody knows why");
      expect(r, settlement::dropped);
    }
    if (*r.expected != gone.settlement)
      violated(
          fmt::format("an event ends as {} that should have ended as {}", to_string(gone.settlement), to_string(*r.expected)));
    --expected_;
    r.live = false;
    auto& record = record_of(r);
    bytes_ -= record.bytes;
    --books_.in_progress;
    switch (gone.settlement) {
    case settlement::delivered: ++books_.delivered; break;
    case settlement::skipped: ++books_.skipped; break;
    case settlement::dead_lettered: ++books_.dead_lettered; break;
    case settlement::dropped: ++books_.dropped; break;
    case settlement::returned: ++books_.returned; continue;
    }
    record.live = false;
    record.done = true;
    if (r.logless) continue;
    ++places_[r.p].settled;
    ++unpersisted_;
  }
  parked_without_log_.reset();
  require(expected_ == 0, "an event should have been settled and was not");
}

void oracle::compare(const engine& told) const {
  const auto& books = told.totals();
  if (books.received != books_.received || books.delivered != books_.delivered || books.skipped != books_.skipped ||
      books.dead_lettered != books_.dead_lettered || books.dropped != books_.dropped || books.returned != books_.returned ||
      books.in_progress != books_.in_progress || books.retries != books_.retries || books.sent_again != books_.sent_again) {
    violated("the ledger differs from what happened");
  }
  require(books.balanced(), "the ledger is out of balance");
  require(told.bytes_in_progress() == bytes_, "the bytes in progress are miscounted");
  require(told.counts().sending == on_the_wire_, "the attempts in flight are miscounted");
  require(told.unpersisted() >= unpersisted_, "events count as persisted that are not");
  require(told.lanes_in_use() <= books_.in_progress, "lanes without events");
}

} // namespace tocsin::simulation
