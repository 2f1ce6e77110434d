#include "delivery/engine.hpp"

#include "delivery/mutation.hpp"

#include <algorithm>

namespace tocsin::delivery {

std::string_view to_string(dead_letter_cause cause) noexcept {
  switch (cause) {
  case dead_letter_cause::refused: return "refused";
  case dead_letter_cause::rejected: return "rejected";
  case dead_letter_cause::retries_exhausted: return "retries_exhausted";
  case dead_letter_cause::expired: return "expired";
  }
  return "unknown";
}

engine::engine(const engine_settings& settings, std::uint64_t seed)
    : settings_(settings),
      random_(seed),
      health_(settings.health, random_.next()),
      rate_(settings.rate_count, settings.rate_per) {
  settings_.max_in_flight = std::max(settings_.max_in_flight, 1U);
  settings_.max_uncommitted = std::max(settings_.max_uncommitted, 1U);
  settings_.retry.max_attempts = std::max(settings_.retry.max_attempts, 1U);
}

// --- intake
// -----------------------------------------------------------------------------------------------------------------------

bool engine::window_open() const noexcept {
  const auto uncommitted = mutant(mutation::window_ignores_uncommitted) ? 0 : unpersisted_;
  return ledger_.in_progress < settings_.max_in_flight && ledger_.in_progress + uncommitted < settings_.max_uncommitted &&
         (bytes_ < settings_.max_in_flight_bytes || ledger_.in_progress == 0 || mutant(mutation::bytes_ignored));
}

bool engine::wants(slot_id id) const noexcept {
  if (id >= slots_.size()) return false;
  const auto& own = slots_[id];
  return own.ours && !own.stopped && own.map_fits && own.start_persisted && window_open();
}

offset_tracker::arrival engine::arrive(slot_id id, std::int64_t offset) {
  auto& own = at(id);
  const auto what = own.tracker.classify(offset);
  if (what == offset_tracker::arrival::settled_before) {
    own.tracker.received(offset);
    if (!mutant(mutation::map_never_used_up)) own.changed = true; // the position has moved, and with it what can be committed
  }
  return what;
}

void engine::note_received(slot& own, std::int64_t offset) {
  TOCSIN_ASSERT(own.ours && !own.stopped);
  TOCSIN_ASSERT(own.tracker.classify(offset) == offset_tracker::arrival::fresh);
  own.tracker.received(offset);
  if (offset <= own.highest_seen) {
    ++ledger_.sent_again;
  } else {
    own.highest_seen = offset;
  }
  ++ledger_.received;
}

index engine::enter(slot_id id, std::int64_t offset, std::uint32_t bytes, time_point now) {
  auto& own = at(id);
  note_received(own, offset);
  const auto i = pool_.allocate();
  auto& e = pool_[i];
  e.slot = id;
  e.offset = offset;
  e.epoch = own.epoch;
  e.bytes = bytes;
  e.received = now;
  health_.state(now); // its clock runs from the first event on at the latest
  e.endpoint_up_at_reception = health_.time_up(now);
  own.tracker.unsettled(pool_, i);
  ++ledger_.in_progress;
  bytes_ += bytes;
  return i;
}

event_id engine::offer(slot_id id, std::int64_t offset, std::uint32_t bytes, std::optional<lane_key> key, time_point now) {
  const auto i = enter(id, offset, bytes, now);
  if (!key || lanes_.enter(pool_, i, *key)) {
    make_ready(i);
  } else {
    set_state(i, event_state::queued);
  }
  return pool_.id(i);
}

event_id engine::offer_refused(slot_id id, std::int64_t offset, std::uint32_t bytes, time_point now) {
  const auto i = enter(id, offset, bytes, now);
  const auto name = pool_.id(i);
  to_dead_letters(i, dead_letter_cause::refused, now);
  return name;
}

void engine::offer_skipped(slot_id id, std::int64_t offset) {
  auto& own = at(id);
  note_received(own, offset);
  own.tracker.settled(offset);
  own.changed = true;
  ++unpersisted_;
  ++ledger_.skipped;
}

// --- states
// -----------------------------------------------------------------------------------------------------------------------

void engine::count_state(event_state state, std::int64_t by) noexcept {
  const auto add = [by](std::uint64_t& count) { count += static_cast<std::uint64_t>(by); };
  switch (state) {
  case event_state::unused: break;
  case event_state::queued:
  case event_state::ready: add(counts_.queued); break;
  case event_state::sending: add(counts_.sending); break;
  case event_state::waiting_retry: add(counts_.waiting_retry); break;
  case event_state::dead_lettering: add(counts_.dead_lettering); break;
  case event_state::parked: add(counts_.parked); break;
  }
}

void engine::set_state(index i, event_state next) {
  count_state(pool_[i].state, -1);
  pool_[i].state = next;
  count_state(next, 1);
}

void engine::make_ready(index i, bool at_front) {
  set_state(i, event_state::ready);
  if (at_front) {
    ready_.push_front(pool_, i);
  } else {
    ready_.push_back(pool_, i);
  }
}

void engine::wait_until(index i, time_point due) {
  pool_[i].due = due;
  waiting_.push(pool_, i);
}

void engine::left_lane(index next) {
  if (next != none && pool_[next].state == event_state::queued) make_ready(next);
}

// --- settlement
// -------------------------------------------------------------------------------------------------------------------

void engine::settle(index i, settlement how, time_point /*now*/) {
  auto& e = pool_[i];
  if (e.logless) {
    logless_.erase(pool_, i);
    --at(e.slot).logless;
    if (mutant(mutation::logless_moves_offsets) && at(e.slot).ours)
      at(e.slot).tracker.received(std::max(at(e.slot).tracker.position() - 1, e.offset));
  } else if (!e.orphan) {
    auto& own = at(e.slot);
    TOCSIN_ASSERT(e.epoch == own.epoch);
    if (!mutant(mutation::commit_before_dead_letter_ack) || how != settlement::dead_lettered) {
      own.tracker.remove(pool_, i);
      own.tracker.settled(e.offset);
      own.changed = true;
      ++unpersisted_;
    }
  } else if (mutant(mutation::forget_epoch_on_completion) && how != settlement::returned) {
    auto& own = at(e.slot);
    if (own.ours) own.tracker.received(std::max(own.tracker.position() - 1, e.offset));
  }
  leave(i, how);
}

// Takes the event out of everything but its partition's list, and tells of it.
void engine::leave(index i, settlement how) {
  auto& e = pool_[i];
  if (e.lane != none) left_lane(lanes_.leave(pool_, i));
  switch (how) {
  case settlement::delivered: ++ledger_.delivered; break;
  case settlement::skipped: ++ledger_.skipped; break;
  case settlement::dead_lettered: ++ledger_.dead_lettered; break;
  case settlement::dropped: ++ledger_.dropped; break;
  case settlement::returned: ++ledger_.returned; break;
  }
  --ledger_.in_progress;
  if (!mutant(mutation::bytes_not_released)) bytes_ -= e.bytes;
  settled_.push_back({pool_.id(i), e.slot, how, e.received});
  set_state(i, event_state::unused);
  pool_.release(i);
}

void engine::take_settled(std::vector<settled_event>& into) {
  into.clear();
  into.swap(settled_);
}

// --- time
// -------------------------------------------------------------------------------------------------------------------------

void engine::tick(time_point now) {
  health_.state(now);
  while (!waiting_.empty() && pool_[waiting_.earliest()].due <= now) {
    const auto i = waiting_.earliest();
    waiting_.erase(pool_, i);
    if (pool_[i].state == event_state::waiting_retry) {
      make_ready(i);
    } else {
      queue_dead_letter(i);
    }
  }
}

time_point engine::next_due(time_point now) const noexcept {
  auto due = waiting_.empty() ? never : pool_[waiting_.earliest()].due;
  if (!ready_.empty() && !held_) {
    due = std::min(due, health_.reopens_at());
    if (const auto at_rate = rate_.next_at(now); at_rate > now) due = std::min(due, at_rate);
  }
  if (committing_.empty() && anything_to_commit()) due = std::min(due, last_commit_ + settings_.commit_interval);
  return due;
}

void engine::check() const {
  TOCSIN_ASSERT(ledger_.balanced());
  TOCSIN_ASSERT(counts_.queued + counts_.sending + counts_.waiting_retry + counts_.dead_lettering + counts_.parked ==
                ledger_.in_progress);
  TOCSIN_ASSERT(lanes_.size() <= ledger_.in_progress);
  std::uint64_t unpersisted = 0;
  std::uint64_t logless = 0;
  for (const auto& own : slots_) {
    logless += own.logless;
    if (!own.ours) continue;
    unpersisted += own.tracker.unpersisted();
    const auto& events = own.tracker.events();
    if (own.committed && !events.empty()) TOCSIN_ASSERT(*own.committed <= pool_[events.front()].offset);
  }
  TOCSIN_ASSERT(unpersisted == unpersisted_);
  TOCSIN_ASSERT(logless == logless_.size());
}

} // namespace tocsin::delivery
