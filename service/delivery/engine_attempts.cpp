// The engine's attempts and dead letters: what is sent next, and what its end means for the event.
#include "delivery/engine.hpp"
#include "delivery/mutation.hpp"

#include <algorithm>

namespace tocsin::delivery {

// --- attempts
// ---------------------------------------------------------------------------------------------------------------------

std::uint32_t engine::connections_wanted(time_point now) {
  const auto in_flight = static_cast<std::uint32_t>(counts_.sending);
  if (held_ || ready_.empty()) return in_flight;
  if (rate_.next_at(now) > now) return in_flight;
  return in_flight + static_cast<std::uint32_t>(std::min<std::size_t>(health_.permits(now), ready_.size()));
}

bool engine::expired(const event& e, time_point now) const noexcept {
  if (!settings_.retry.max_age) return false;
  if (mutant(mutation::age_counts_down_time)) return now - e.received >= *settings_.retry.max_age;
  return health_.time_up(now) - e.endpoint_up_at_reception >= *settings_.retry.max_age;
}

std::optional<attempt> engine::next_attempt(time_point now) {
  if (held_ && !mutant(mutation::attempt_while_held)) return std::nullopt;
  while (!ready_.empty()) {
    if (health_.permits(now) == 0 || rate_.next_at(now) > now) return std::nullopt;
    const auto i = ready_.front();
    ready_.erase(pool_, i);
    auto& e = pool_[i];
    if (expired(e, now)) {
      to_dead_letters(i, dead_letter_cause::expired, now);
      continue;
    }
    set_state(i, event_state::sending);
    e.health_period = health_.started();
    rate_.take(now);
    e.started = now;
    ++e.attempts;
    if (e.attempts > 1) ++ledger_.retries;
    count_in_flight(e, 1);
    return attempt{pool_.id(i), e.attempts};
  }
  return std::nullopt;
}

bool engine::may_send(event_id id, time_point now) {
  const auto& e = pool_[pool_.find(id)];
  if (held_ || ((e.orphan || stopped(e)) && !mutant(mutation::sent_after_stop))) return false;
  const auto state = health_.state(now);
  return state == endpoint_state::up || (state == endpoint_state::probing && e.health_period == health_.period());
}

// What is on its way of the partition as it is ours now.
void engine::count_in_flight(const event& e, std::int64_t by) noexcept {
  if (!e.orphan && !e.logless) slots_[e.slot].in_flight += static_cast<std::uint64_t>(by);
}

bool engine::stopped(const event& e) const noexcept {
  return (!e.logless || mutant(mutation::logless_parked)) && slots_[e.slot].stopped;
}

void engine::end_attempt(index i) {
  auto& e = pool_[i];
  TOCSIN_ASSERT(e.state == event_state::sending);
  count_in_flight(e, -1);
}

void engine::withdraw(event_id id, time_point now) {
  const auto i = pool_.find(id);
  auto& e = pool_[i];
  end_attempt(i);
  health_.withdrawn(e.health_period);
  rate_.give_back(e.started);
  if (e.attempts > 1) --ledger_.retries;
  --e.attempts;
  if (e.orphan) {
    settle(i, settlement::returned, now);
  } else if (stopped(e)) {
    park(i);
  } else {
    make_ready(i, true);
  }
}

void engine::connect_failed(time_point now) { health_.connect_failed(now); }

engine::verdict engine::finished(event_id id, outcome result, std::optional<std::chrono::milliseconds> retry_after,
                                 time_point now) {
  const auto i = pool_.find(id);
  auto& e = pool_[i];
  end_attempt(i);
  const bool current = e.health_period == health_.period();
  health_.finished(e.health_period, result, retry_after, now);
  verdict decided;
  decided.attempts = e.attempts;

  if (e.orphan && !mutant(mutation::forget_epoch_on_completion)) {
    settle(i, settlement::returned, now);
    decided.next = verdict::next_step::returned;
    return decided;
  }
  switch (result) {
  case outcome::delivered: settle(i, settlement::delivered, now); return decided;
  case outcome::skipped: settle(i, settlement::skipped, now); return decided;
  case outcome::rejected:
    to_dead_letters(i, dead_letter_cause::rejected, now);
    decided.next = verdict::next_step::dead_letter;
    decided.cause = dead_letter_cause::rejected;
    return decided;
  case outcome::try_again:
  case outcome::endpoint_fault: break;
  }
  // An attempt counts against the event only where the endpoint was, and after this result still is, up.
  const bool healthy = current && health_.last_state() == endpoint_state::up && !retry_after;
  const bool counts = (result == outcome::try_again && healthy) || mutant(mutation::count_attempt_while_down);
  return try_again(i, counts, now);
}

engine::verdict engine::try_again(index i, bool counts, time_point now) {
  auto& e = pool_[i];
  if (counts) ++e.counted;
  verdict decided;
  decided.attempts = e.attempts;
  std::optional<dead_letter_cause> over;
  if (counts && e.counted >= settings_.retry.max_attempts) over = dead_letter_cause::retries_exhausted;
  if (counts && expired(e, now)) over = dead_letter_cause::expired;
  if (over) {
    if (mutant(mutation::drop_on_exhaustion)) {
      settle(i, settlement::dropped, now);
      return decided;
    }
    to_dead_letters(i, *over, now);
    decided.next = verdict::next_step::dead_letter;
    decided.cause = over;
    return decided;
  }
  decided.next = verdict::next_step::retry;
  if (stopped(e)) {
    park(i);
    return decided;
  }
  decided.retry_in = retry_delay(settings_.retry, counts ? e.counted : 1, random_);
  if (mutant(mutation::free_lane_before_settlement) && e.lane != none) left_lane(lanes_.leave(pool_, i));
  if (mutant(mutation::retry_at_back_of_lane) && e.lane != none) left_lane(lanes_.to_back(pool_, i));
  set_state(i, event_state::waiting_retry);
  if (mutant(mutation::retry_forgotten) && e.attempts > 2) return decided;
  wait_until(i, now + decided.retry_in);
  return decided;
}

// --- dead letters
// -----------------------------------------------------------------------------------------------------------------

void engine::to_dead_letters(index i, dead_letter_cause cause, time_point now) {
  auto& e = pool_[i];
  e.cause = cause;
  if (!settings_.dead_letters) {
    settle(i, settlement::dropped, now);
    return;
  }
  set_state(i, event_state::dead_lettering);
  queue_dead_letter(i);
}

void engine::queue_dead_letter(index i) {
  count_in_flight(pool_[i], 1);
  dead_letters_.push_back(pool_, i);
}

std::optional<event_id> engine::next_dead_letter() {
  if (dead_letters_.empty() || (held_ && !mutant(mutation::dead_letters_while_held))) return std::nullopt;
  const auto i = dead_letters_.front();
  dead_letters_.erase(pool_, i);
  auto& e = pool_[i];
  e.handed_over = true;
  if (mutant(mutation::commit_before_dead_letter_ack)) {
    auto& own = at(e.slot);
    own.tracker.remove(pool_, i);
    own.tracker.settled(e.offset);
    own.changed = true;
    ++unpersisted_;
  }
  return pool_.id(i);
}

void engine::dead_letter_acknowledged(event_id id, time_point now) {
  const auto i = pool_.find(id);
  auto& e = pool_[i];
  TOCSIN_ASSERT(e.state == event_state::dead_lettering && e.handed_over);
  e.handed_over = false;
  if (e.orphan) {
    settle(i, settlement::returned, now);
    return;
  }
  count_in_flight(e, -1);
  settle(i, settlement::dead_lettered, now);
}

void engine::dead_letter_failed(event_id id, time_point now) {
  const auto i = pool_.find(id);
  auto& e = pool_[i];
  TOCSIN_ASSERT(e.state == event_state::dead_lettering && e.handed_over);
  e.handed_over = false;
  if (e.orphan) {
    settle(i, settlement::returned, now);
    return;
  }
  count_in_flight(e, -1);
  if (stopped(e)) {
    park(i);
    return;
  }
  ++e.dead_letter_failures;
  if (mutant(mutation::dead_letter_retry_forgotten)) return;
  const auto ceiling = retry_ceiling(settings_.retry, e.dead_letter_failures);
  wait_until(i, now + ceiling / 2 + random_.up_to(ceiling / 2));
}

void engine::dead_letter_deferred(event_id id, time_point now) {
  const auto i = pool_.find(id);
  auto& e = pool_[i];
  TOCSIN_ASSERT(e.state == event_state::dead_lettering && e.handed_over);
  e.handed_over = false;
  if (e.orphan) {
    settle(i, settlement::returned, now);
    return;
  }
  count_in_flight(e, -1);
  if (stopped(e)) {
    queue_dead_letter(i);
  } else {
    wait_until(i, now + std::chrono::milliseconds(10));
  }
}

} // namespace tocsin::delivery
