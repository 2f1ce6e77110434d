#include "delivery/endpoint_health.hpp"

#include "delivery/mutation.hpp"

#include <algorithm>
#include <bit>

namespace tocsin::delivery {

std::string_view to_string(endpoint_state value) noexcept {
  switch (value) {
  case endpoint_state::up: return "up";
  case endpoint_state::down: return "down";
  case endpoint_state::probing: return "probing";
  }
  return "unknown";
}

endpoint_health::endpoint_health(const health_limits& limits, std::uint64_t seed) noexcept
    : limits_(limits), random_(seed), backoff_(limits.probe_initial) {
  limits_.connections = std::max(limits_.connections, 1U);
  limits_.window = std::clamp(limits_.window, 2U, 64U);
}

endpoint_state endpoint_health::state(time_point now) noexcept {
  if (!started_once_) {
    started_once_ = true;
    since_ = now;
  }
  if (state_ == endpoint_state::down && now >= closed_until_) enter(endpoint_state::probing, now);
  return state_;
}

std::uint32_t endpoint_health::limit() const noexcept {
  switch (state_) {
  case endpoint_state::up: return ramp_;
  case endpoint_state::down: return 0;
  case endpoint_state::probing: return mutant(mutation::probe_with_many) ? limits_.connections : 1;
  }
  return 0;
}

std::uint32_t endpoint_health::permits(time_point now) noexcept {
  state(now);
  const auto allowed = limit();
  return allowed > in_flight_ ? allowed - in_flight_ : 0;
}

std::uint32_t endpoint_health::started() noexcept {
  ++in_flight_;
  return period_;
}

void endpoint_health::withdrawn(std::uint32_t period) noexcept {
  if (period == period_) --in_flight_;
}

void endpoint_health::finished(std::uint32_t period, outcome result, std::optional<std::chrono::milliseconds> retry_after,
                               time_point now) noexcept {
  const bool current = period == period_;
  if (current) --in_flight_;
  const bool faulty = result == outcome::try_again || result == outcome::endpoint_fault;
  if (faulty && retry_after && *retry_after > std::chrono::milliseconds::zero() && !mutant(mutation::ignore_retry_after)) {
    // Compared in milliseconds: in nanoseconds, what an endpoint may ask for does not fit.
    const auto longest = std::chrono::ceil<std::chrono::milliseconds>(limits_.retry_after_max);
    close(std::min(*retry_after, longest), now);
    return;
  }
  if (!current || state(now) == endpoint_state::down) return;
  if (faulty) {
    fault(now);
  } else {
    success(now);
  }
}

void endpoint_health::connect_failed(time_point now) noexcept {
  if (state(now) != endpoint_state::down) fault(now);
}

void endpoint_health::remember(bool fault_seen) noexcept {
  history_ = (history_ << 1U) | (fault_seen ? 1U : 0U);
  remembered_ = std::min(remembered_ + 1, limits_.window);
  in_a_row_ = fault_seen ? in_a_row_ + 1 : 0;
}

void endpoint_health::fault(time_point now) noexcept {
  remember(true);
  if (state_ == endpoint_state::probing) {
    close(duration::zero(), now);
    return;
  }
  const auto mask = limits_.window == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << limits_.window) - 1;
  const bool half = remembered_ == limits_.window && std::popcount(history_ & mask) * 2 >= static_cast<int>(limits_.window);
  if (in_a_row_ >= limits_.faults_in_a_row || half) close(duration::zero(), now);
}

void endpoint_health::success(time_point now) noexcept {
  remember(false);
  if (state_ == endpoint_state::probing) {
    enter(endpoint_state::up, now);
    ramp_ = 1;
  }
  if (ramp_ < limits_.connections) ++ramp_;
  if (ramp_ == limits_.connections) backoff_ = limits_.probe_initial;
}

// Closes for the back-off, or for what the endpoint asked for where that is longer. An open closure is only ever lengthened.
void endpoint_health::close(duration at_least, time_point now) noexcept {
  const bool asked = at_least > duration::zero();
  auto until = now + at_least;
  if (!asked) {
    until = mutant(mutation::no_back_off) ? now : now + backoff_ + random_.up_to(backoff_ / 4);
    backoff_ = std::min(backoff_ * 2, limits_.probe_max);
  }
  if (state_ == endpoint_state::down) {
    closed_until_ = std::max(closed_until_, until);
    return;
  }
  enter(endpoint_state::down, now);
  closed_until_ = until;
}

void endpoint_health::enter(endpoint_state next, time_point now) noexcept {
  if (state_ == endpoint_state::up && started_once_) up_before_ += now - since_;
  state_ = next;
  since_ = now;
  ++period_;
  in_flight_ = 0;
  if (next == endpoint_state::up) {
    in_a_row_ = 0;
    history_ = 0;
    remembered_ = 0;
  }
}

duration endpoint_health::time_up(time_point now) const noexcept {
  if (state_ != endpoint_state::up || !started_once_) return up_before_;
  return up_before_ + (now - since_);
}

} // namespace tocsin::delivery
