// Commits, rebalances, rewinds, crashes, and the end in which everything must be settled.
#include "model.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::simulation {

// --- commits

void model::begin_commit() {
  auto entries = engine_->begin_commit(now_);
  oracle_.commit_begun(entries);
  for (auto& entry : entries) {
    tell([&] { return fmt::format("partition {}: commit of {} {}", entry.slot, entry.offset, entry.metadata); });
    const auto tenure = holdings_[entry.slot].tenure;
    committing_.push_back({std::move(entry), tenure, false, {}});
  }
}

// The broker takes a commit only from whoever has the partition.
void model::store(stored_later& later) {
  const auto p = later.entry.slot;
  if (later.stored || holdings_[p].tenure != later.tenure) return;
  later.stored = true;
  logs_[p].stored = stored_offset{later.entry.offset, later.entry.metadata, later.cut_at};
}

void model::end_commit(std::uint32_t chance) {
  if (chance % 8 == 0) { // stored, and the answer is still on its way
    for (auto& later : committing_) store(later);
    return;
  }
  std::unique_ptr<bool[]> succeeded(new bool[committing_.size()]);
  for (std::size_t n = 0; n < committing_.size(); ++n) {
    const auto luck = (chance >> (4 + n * 3)) % 8;
    if (luck != 0) store(committing_[n]); // 1: stored, but the answer says that it failed
    succeeded[n] = luck > 1 && committing_[n].stored;
    tell([&] {
      return fmt::format("partition {}: the commit {}", committing_[n].entry.slot, succeeded[n] ? "succeeds" : "fails");
    });
  }
  const std::span<const bool> results(succeeded.get(), committing_.size());
  committing_.clear();
  engine_->commit_finished(results, now_);
  oracle_.commit_ended(results);
}

// --- handing back

void model::begin_handing_back(unsigned p, ownership as) {
  tell([&] { return fmt::format("partition {} is {}", p, as == ownership::seeking ? "to be rewound" : "to be handed back"); });
  holdings_[p].state = as;
  holdings_[p].last_commit_begun = false;
  engine_->stop(p, now_);
  oracle_.stopped(p);
}

// Drain (or give up on it), commit, await the commit, release; and after a rewind begin again.
void model::proceed(unsigned p, std::uint32_t chance) {
  auto& own = holdings_[p];
  if ((own.state != ownership::revoking && own.state != ownership::seeking) || !committing_.empty()) return;
  const bool quiet = engine_->quiet(p);
  if (quiet) oracle_.claimed_quiet(p);
  if (!quiet && chance % 16 != 0) return;
  if (!own.last_commit_begun) {
    own.last_commit_begun = true;
    begin_commit();
    if (!committing_.empty()) return;
  }
  const bool rewind = own.state == ownership::seeking && chance % 8 != 1; // else the commit of the target has failed
  const bool again = own.state == ownership::seeking;
  const bool clean = quiet && oracle_.persisted_all(p);
  release(p, rewind ? ending::rewound : clean ? ending::clean : ending::unclean);
  if (rewind) {
    const auto& log = logs_[p].log;
    const auto target = own.target < log.size() ? log[own.target].offset : logs_[p].next_offset;
    tell([&] { return fmt::format("partition {} is rewound to {}", p, target); });
    logs_[p].stored = stored_offset{target, {}, {}};
    oracle_.moved_to(p, own.target);
  }
  if (again && !shutting_down_) assign(p);
  end_process_if_stopped(chance >> 8U);
}

void model::release(unsigned p, ending how) {
  tell([&] { return fmt::format("partition {} is released ({})", p, how == ending::clean ? "clean" : "not clean"); });
  oracle_.released(p, how);
  engine_->release(p, now_);
  holdings_[p].state = ownership::elsewhere;
  holdings_[p].tenure = 0;
  after_engine_call();
}

void model::assign(unsigned p) {
  auto& own = holdings_[p];
  const auto& stored = logs_[p].stored;
  const bool chosen = !stored && drawn_.from_the_end;
  if (chosen) oracle_.begins_at_the_end(p);
  const auto position = stored ? stored->offset : chosen ? logs_[p].next_offset : logs_[p].first_offset;
  tell([&] { return fmt::format("partition {} is assigned at {} {}", p, position, stored ? stored->metadata : ""); });
  using begins_at = engine::begins_at;
  engine_->assign(p, position, stored ? stored->metadata : std::string(), chosen ? begins_at::chosen : begins_at::committed);
  own.state = ownership::ours;
  own.tenure = ++tenures_;
  const bool out_of_range = position > logs_[p].next_offset; // the client goes to the earliest, and the relay notices
  if (out_of_range) {
    tell([&] { return fmt::format("partition {} begins at {}", p, logs_[p].first_offset); });
    engine_->begin_anew(p, logs_[p].first_offset, now_);
  }
  own.read = out_of_range ? logs_[p].base : logs_[p].find(position);
  oracle_.assigned(p, own.read, out_of_range ? std::optional(logs_[p].first_offset) : std::nullopt);
}

// --- others

// Another member settles all that has been settled here, and some more, in order.
void model::work_elsewhere(unsigned p, std::uint32_t chance) {
  auto& log = logs_[p].log;
  const auto base = logs_[p].base;
  auto end = logs_[p].stored ? logs_[p].find(logs_[p].stored->offset) : base;
  for (auto at = end; at < log.size(); ++at)
    if (log[at].done || log[at].accepted_in != 0) end = at + 1;
  end = std::min(end + chance % 8, logs_[p].size());
  if (end == base) return;
  for (auto at = base; at < end; ++at) {
    log[at].done = true;
    log[at].accepted_in = 0;
  }
  logs_[p].stored = stored_offset{log[end - 1].offset + 1, {}, {}};
  tell([&] { return fmt::format("partition {}: another member has come to {}", p, logs_[p].stored->offset); });
}

// A tool moves the group. Some leave metadata of another offset behind, or write what is no map.
void model::reset_offset(unsigned p, std::uint32_t a, std::uint32_t b) {
  auto& stored = logs_[p].stored;
  const auto target = logs_[p].base + a % (logs_[p].size() - logs_[p].base + 1);
  const auto offset = target < logs_[p].size() ? logs_[p].log[target].offset : logs_[p].next_offset;
  auto metadata = stored ? stored->metadata : std::string();
  if (metadata.starts_with("tocsin1:" + std::to_string(offset) + ":")) metadata.clear(); // no tool knows what to write here
  if (b % 4 == 0) metadata.clear();
  if (b % 4 == 1) metadata = "tocsin1:" + std::to_string(offset) + ":AAAAAA";
  stored = stored_offset{offset, metadata, {}};
  tell([&] { return fmt::format("partition {}: a tool moves the group to {} {}", p, offset, metadata); });
  oracle_.moved_to(p, target);
}

void model::delete_records(unsigned p, std::uint32_t chance) {
  const std::span log(logs_[p].log.begin() + logs_[p].base, logs_[p].log.end());
  if (log.empty()) return;
  if (chance % 4 == 1 && holdings_[p].state == ownership::elsewhere) { // the very ones that hold the commit back
    for (auto& one : log) one.gone = one.gone || !one.done;
  } else if (chance % 4 == 0) { // retention
    const auto end = (chance >> 8U) % log.size();
    for (std::uint32_t at = 0; at < end; ++at) log[at].gone = log[at].gone || !log[at].live;
  } else { // compaction
    delivery::random_source random(chance);
    for (unsigned n = 0; n < 8; ++n) {
      auto& one = log[random.next() % log.size()];
      one.gone = one.gone || !one.live;
    }
  }
}

// The group's offset goes with the topic. Whoever has the partition notices at once, also while it is handed over; the end of
// the log before is where it was read to.
void model::make_anew(unsigned p) {
  auto& own = holdings_[p];
  if (own.state == ownership::seeking) return;
  auto& log = logs_[p];
  oracle_.made_anew(p);
  log.base = log.size();
  log.first_offset = log.next_offset = 0;
  log.stored.reset();
  log.misled.reset();
  tell([&] { return fmt::format("partition {} has another log", p); });
  if (own.state == ownership::elsewhere) return;
  own.last_commit_begun = false;
  own.tenure = ++tenures_;
  own.read = log.base;
  engine_->begin_anew(p, log.first_offset, now_);
}

// The group's offset stays, wherever it is, and so does a commit that is on its way. Whoever has the partition notices, because
// some of what it has read is gone.
void model::cut(unsigned p, std::uint32_t chance) {
  auto& own = holdings_[p];
  auto& log = logs_[p];
  if (own.state != ownership::ours || own.read <= log.base) return;
  const auto at = own.read - 1 - (chance >> 1U) % std::min(own.read - log.base, 1U + (chance >> 16U) % 40);
  const auto lowest = at > log.base ? log.log[at - 1].offset + 1 : log.first_offset;
  const auto to = chance % 2 == 0 ? log.log[at].offset : lowest;
  tell([&] { return fmt::format("partition {} is cut at {}", p, to); });
  oracle_.cut(p, log.cut(at, to), to);
  for (auto& later : committing_)
    if (later.entry.slot == p && !later.stored) later.cut_at = std::min(to, later.cut_at.value_or(to));
  own.read = log.size();
  engine_->begin_anew(p, to, now_);
}

// --- the process

void model::start_process() {
  engine_ = std::make_unique<engine>(drawn_.engine, random_.next());
  oracle_.process_started();
  held_ = shutting_down_ = false;
}

void model::crash(std::uint32_t chance) {
  tell([&] { return std::string(shutting_down_ ? "the process ends" : "the process is killed"); });
  delivery::random_source random(chance);
  for (const auto id : sent_) oracle_.attempt_cut_off(id, random.next() % 2 == 0);
  for (const auto id : letters_) oracle_.attempt_cut_off(id, random.next() % 2 == 0);
  for (auto& later : committing_)
    if (random.next() % 2 == 0) store(later);
  sent_.clear();
  handed_out_.clear();
  letters_.clear();
  committing_.clear();
  oracle_.crashed();
  for (auto& own : holdings_) {
    own.state = ownership::elsewhere;
    own.tenure = 0;
  }
  start_process();
}

void model::shut_down(std::uint32_t chance) {
  tell([] { return std::string("the process is told to stop"); });
  shutting_down_ = true;
  for (unsigned p = 0; p < holdings_.size(); ++p) {
    if (holdings_[p].state == ownership::seeking) holdings_[p].state = ownership::revoking;
    if (holdings_[p].state == ownership::ours) begin_handing_back(p, ownership::revoking);
  }
  end_process_if_stopped(chance);
}

// What the process has given up on, attempts that did not end in time, goes with it.
void model::end_process_if_stopped(std::uint32_t chance) {
  if (!shutting_down_) return;
  if (std::all_of(holdings_.begin(), holdings_.end(), [](const auto& h) { return h.state == ownership::elsewhere; }))
    crash(chance);
}

// --- the end

bool model::step_towards_the_end() {
  bool moved = false;
  const auto in_progress = oracle_.in_progress();
  for (unsigned p = 0; p < holdings_.size(); ++p) {
    auto& own = holdings_[p];
    const auto before = own.read;
    if (own.state == ownership::revoking || own.state == ownership::seeking) proceed(p, 2);
    if (own.state == ownership::elsewhere && !shutting_down_) {
      assign(p);
      moved = true;
    }
    poll(p, ~0U);
    moved = moved || own.read != before;
  }
  const auto attempts = handed_out_.size() + sent_.size();
  start(~0U, true);
  while (!handed_out_.empty()) send(0);
  // Also where events have only left: handed back, or expired when their turn came. That makes room.
  moved = moved || attempts + sent_.size() > 0 || oracle_.in_progress() != in_progress;
  while (!sent_.empty()) finish(0, 1);
  hand_over(~0U);
  moved = moved || !letters_.empty();
  while (!letters_.empty()) end_dead_letter(0, 1);
  if (committing_.empty() && engine_->commit_due(now_)) begin_commit();
  if (!committing_.empty()) {
    end_commit(~0U);
    moved = true;
  }
  after_engine_call();
  oracle_.compare(*engine_);
  engine_->check();
  return moved;
}

void model::settle_everything() {
  if (random_.next() % 4 == 0) {
    crash(7);
    for (unsigned p = 0; p < holdings_.size(); ++p) delete_records(p, static_cast<std::uint32_t>(random_.next()));
  }
  tell([] { return std::string("from here on nothing fails"); });
  endpoint_ = endpoint_mode::healthy;
  dead_letters_ = letter_mode::healthy;
  held_ = false;
  engine_->hold(false);
  std::uint64_t records = 0;
  for (unsigned p = 0; p < holdings_.size(); ++p) {
    holdings_[p].paused = false;
    records += logs_[p].size();
  }
  for (auto left = 1000 + 20 * records; left > 0; --left) {
    if (step_towards_the_end()) continue;
    // Nothing can be done now: the engine must know when to go on, or be done.
    const auto due = engine_->next_due(now_);
    if (due == delivery::never) return require_all_is_done();
    advance(std::max<duration>(due - now_, std::chrono::nanoseconds(1)));
  }
  violated("with everything healthy, the events are not settled in bounded steps");
}

void model::require_all_is_done() const {
  if (oracle_.in_progress() > 0) violated("events are in progress and nothing will ever happen to them");
  for (unsigned p = 0; p < holdings_.size(); ++p) {
    if (!oracle_.finished(p)) violated(fmt::format("partition {}: not every event has been settled", p));
    const std::span log(logs_[p].log.begin() + logs_[p].base, logs_[p].log.end());
    const auto last = std::find_if(log.rbegin(), log.rend(), [](const record& r) { return !r.gone; });
    if (last == log.rend()) continue;
    const auto& stored = logs_[p].stored;
    if (!stored || stored->offset <= last->offset)
      violated(fmt::format("partition {}: everything is settled, but committed only up to {}", p, stored ? stored->offset : -1));
  }
}

} // namespace tocsin::simulation
