// What the oracle demands of attempts, dead letters and commits.
#include "claims.hpp"
#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::simulation {

using delivery::dead_letter_cause;
using delivery::outcome;
using delivery::settlement;

// --- attempts

// Whether the event need not wait for this one of its key: it has been deleted; or it is still in the log that the event's own
// was cut from, and has been handed back, while the event went on.
bool oracle::goes_ahead(const reference& r, std::uint32_t before) const {
  const auto& log = logs_[r.p];
  const auto& one = log.log[before];
  if (!one.live) return one.gone || r.ahead || (before < log.base && r.at >= log.base);
  return r.ahead && (one.taken > log.log[r.at].taken || (before >= log.base && places_[r.p].stopped));
}

// Whoever goes now: everything of the key before it is settled, and it goes in the order in which the partition has it.
void oracle::check_order(const reference& r) {
  const auto& log = logs_[r.p].log;
  const auto& own = log[r.at];
  if (own.key == nothing) return;
  require(key_in_flight_[own.key] == 0, "two attempts of one key are in flight");
  auto before = own.previous;
  while (before != nothing && goes_ahead(r, before)) before = log[before].previous;
  if (before != nothing)
    require(log[before].done && !log[before].live, "an event is sent before the one ahead of it in its key is settled");
  auto& lane = places_[r.p].lanes[own.key];
  require(lane.tenure != r.tenure || lane.offset <= own.offset, "an event is sent after a later one of its key");
  lane = {r.tenure, own.offset};
}

void oracle::attempt_started(const delivery::attempt& handed, bool held, std::uint32_t period, time_point now) {
  auto& r = find(handed.id);
  require(!held, "an attempt starts while attempts are held");
  require(!orphan(r) && (r.logless || !places_[r.p].stopped), "an attempt starts for a partition that is being handed back");
  require(r.now_in == stage::idle, "an event is sent that is on its way already");
  check_order(r);
  if (const auto key = record_of(r).key; key != nothing) ++key_in_flight_[key];
  ++on_the_wire_;
  require(on_the_wire_ <= drawn_.engine.max_in_flight, "more attempts than events in progress");
  r.now_in = stage::handed_out;
  r.period = period;
  require(handed.number == ++r.attempts, "the attempts of an event are miscounted");
  if (r.attempts > 1) ++books_.retries;
  if (const auto count = drawn_.engine.rate_count; count > 0) {
    while (!starts_.empty() && now - starts_.front().first >= drawn_.engine.rate_per) starts_.pop_front();
    starts_.emplace_back(now, handed.id);
    require(starts_.size() <= count, "the endpoint's rate is exceeded");
  }
}

void oracle::attempt_sent(event_id id, bool held, delivery::endpoint_state state, std::uint32_t period, time_point now) {
  auto& r = find(id);
  require(!held, "an attempt is sent while attempts are held");
  require(!orphan(r) && (r.logless || !places_[r.p].stopped), "an attempt is sent for a partition that is being handed back");
  require(now >= closed_until_, "an attempt is sent before the Retry-After is over");
  require(state != delivery::endpoint_state::down, "an attempt is sent while the endpoint is down");
  if (state == delivery::endpoint_state::probing) {
    require(probed_period_ != period, "two attempts probe at once");
    probed_period_ = period;
  }
  const auto& limits = drawn_.engine.health;
  if (faults_ >= limits.faults_in_a_row + limits.connections)
    require(now - last_send_ >= limits.probe_initial,
            "an endpoint without a sign of life is sent to more often than it is probed");
  last_send_ = now;
  check_repetition(r);
  r.now_in = stage::sent;
}

// An event that the endpoint or the dead-letter topic has had before, from an earlier tenure, goes there again.
void oracle::check_repetition(reference& r) {
  auto& own = record_of(r);
  if (own.accepted_in == 0 || own.accepted_in == r.tenure) return;
  auto& spent = allowances_[tenures_[own.accepted_in]];
  own.accepted_in = 0;
  if (++spent.used > spent.limit)
    violated(spent.limit == 0 ? "an event is sent again after a clean stop"
                              : fmt::format("more than max_uncommitted = {} events are sent again", spent.limit));
}

void oracle::accepted(const reference& r) {
  auto& own = record_of(r);
  own.accepted_in = std::max(own.accepted_in, r.tenure);
}

void oracle::end_attempt(reference& r) {
  if (const auto key = record_of(r).key; key != nothing) --key_in_flight_[key];
  --on_the_wire_;
  r.now_in = stage::idle;
}

void oracle::attempt_withdrawn(event_id id) {
  auto& r = find(id);
  require(r.now_in == stage::handed_out, "an attempt is given back that was sent");
  end_attempt(r);
  if (r.attempts > 1) --books_.retries;
  --r.attempts;
  const auto start = std::find_if(starts_.rbegin(), starts_.rend(), [id](const auto& s) { return s.second == id; });
  if (start != starts_.rend()) starts_.erase(std::next(start).base());
  if (orphan(r)) expect(r, settlement::returned);
}

void oracle::attempt_finished(event_id id, outcome result, std::optional<std::chrono::milliseconds> retry_after,
                              const engine::verdict& said, bool was_current, bool up_now, time_point now) {
  using next_step = engine::verdict::next_step;
  auto& r = find(id);
  require(r.now_in == stage::sent, "an attempt ends that was not sent");
  end_attempt(r);
  require(said.attempts == r.attempts, "the attempts of an event are miscounted");
  const bool faulty = result == outcome::try_again || result == outcome::endpoint_fault;
  if (faulty && retry_after && retry_after->count() > 0) {
    const std::chrono::milliseconds longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(drawn_.engine.health.retry_after_max);
    closed_until_ = std::max(closed_until_, now + std::min(*retry_after, longest));
    faults_ = 0; // what it asked for may be shorter than any back-off
  } else {
    faults_ = faulty ? faults_ + 1 : 0;
  }
  if (result == outcome::delivered || result == outcome::skipped) accepted(r);
  if (orphan(r)) {
    require(said.next == next_step::returned, "an attempt of a partition that is not ours any more settles something");
    expect(r, settlement::returned);
    return;
  }
  if (result == outcome::delivered || result == outcome::skipped) {
    require(said.next == next_step::settled, "an accepted event is not settled");
    expect(r, result == outcome::delivered ? settlement::delivered : settlement::skipped);
    return;
  }
  if (result == outcome::rejected) {
    require(said.next == next_step::dead_letter && said.cause == dead_letter_cause::rejected,
            "a rejected event is no dead letter");
    expect_end_as_dead_letter(r);
    return;
  }
  const bool counts = result == outcome::try_again && was_current && up_now && !retry_after;
  if (counts) ++r.counted;
  check_may_be_final(r, said, counts, now);
  if (said.next == next_step::dead_letter) expect_end_as_dead_letter(r);
}

void oracle::check_may_be_final(const reference& r, const engine::verdict& said, bool counts, time_point now) {
  using next_step = engine::verdict::next_step;
  const auto& limits = drawn_.engine.retry;
  const bool exhausted = counts && r.counted >= limits.max_attempts;
  const bool old = limits.max_age && time_up_ - r.up_when_received >= *limits.max_age && now >= r.received;
  if (said.next == next_step::retry) {
    require(!exhausted, "an event is tried more often than max_attempts");
    return;
  }
  require(said.next == next_step::dead_letter, "an event that was not accepted is settled");
  if (said.cause == dead_letter_cause::retries_exhausted) {
    require(exhausted, "an event is given up for attempts that do not count");
  } else {
    require(said.cause == dead_letter_cause::expired && old && counts, "an event is given up before its time");
  }
}

void oracle::attempt_cut_off(event_id id, bool taken) {
  if (taken) accepted(find(id));
}

// --- dead letters

void oracle::dead_letter_handed(event_id id, dead_letter_cause cause, bool held, time_point now) {
  auto& r = find(id);
  require(!held, "a dead letter goes while everything is held");
  require(!orphan(r), "a dead letter goes for a partition that is not ours any more");
  if (r.now_in == stage::idle) { // expired when its turn came
    require(cause == dead_letter_cause::expired && drawn_.engine.retry.max_age && now >= r.received &&
                time_up_ - r.up_when_received >= *drawn_.engine.retry.max_age,
            "an event becomes a dead letter and nobody knows why");
  } else {
    require(r.now_in == stage::dead, "a dead letter is handed over twice");
  }
  r.now_in = stage::letter_handed;
  check_repetition(r);
}

void oracle::dead_letter_ended(event_id id, letter how) {
  auto& r = find(id);
  r.now_in = stage::dead;
  if (how == letter::acknowledged) accepted(r);
  if (orphan(r)) {
    expect(r, settlement::returned);
  } else if (how == letter::acknowledged) {
    expect(r, settlement::dead_lettered);
  }
}

// --- commits

// Nothing that is not settled is committed past. Returns how many settled events the commit does not speak of.
std::uint64_t oracle::check_claims(unsigned p, const delivery::commit_entry& entry) {
  auto& place = places_[p];
  const auto& log = logs_[p].log;
  const auto settled = [](const record& r) { return (r.done || r.gone) && !r.live; };
  const auto base = logs_[p].find(entry.offset);
  for (; place.verified < base; ++place.verified)
    if (!settled(log[place.verified]))
      violated(fmt::format("partition {}: {} is committed past {}, which is not settled", p, entry.offset,
                           log[place.verified].offset));
  claims said;
  try {
    said = read_claims(entry.offset, entry.metadata);
  } catch (const std::runtime_error& error) {
    violated(error.what());
  }
  std::uint64_t unsaid = 0;
  auto next = said.unsettled.begin();
  for (auto at = base; at < log.size() && (log[at].offset < said.horizon || at < place.read); ++at) {
    const auto offset = log[at].offset;
    while (next != said.unsettled.end() && next->end <= offset) ++next;
    const bool claimed = offset < said.horizon && (next == said.unsettled.end() || offset < next->first);
    if (claimed && !settled(log[at]))
      violated(fmt::format("partition {}: the ack map says that {} is settled, which it is not", p, offset));
    if (!claimed && at < place.read && log[at].done && !log[at].live && !log[at].gone) ++unsaid;
  }
  return unsaid;
}

void oracle::commit_begun(std::span<const delivery::commit_entry> entries) {
  require(committing_.empty(), "two commits are in flight");
  for (const auto& entry : entries) {
    const auto& place = places_[entry.slot];
    require(place.tenure != 0, "an offset is committed of a partition that is not ours");
    const auto unsaid = check_claims(entry.slot, entry);
    committing_.push_back({entry.slot, place.tenure, place.settled, unsaid == 0});
    require(unsaid + books_.in_progress <= drawn_.engine.max_uncommitted,
            "a commit would have too many events sent again after a crash");
  }
}

void oracle::commit_ended(std::span<const bool> succeeded) {
  for (std::size_t n = 0; n < committing_.size(); ++n) {
    auto& place = places_[committing_[n].p];
    if (!succeeded[n] || place.tenure != committing_[n].tenure || !committing_[n].complete) continue;
    unpersisted_ -= committing_[n].settled - place.persisted;
    place.persisted = committing_[n].settled;
  }
  committing_.clear();
}

bool oracle::persisted_all(unsigned p) const noexcept { return places_[p].persisted == places_[p].settled; }

} // namespace tocsin::simulation
