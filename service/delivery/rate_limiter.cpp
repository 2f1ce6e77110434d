#include "delivery/rate_limiter.hpp"

#include "delivery/mutation.hpp"

#include <algorithm>

namespace tocsin::delivery {

rate_limiter::rate_limiter(std::uint32_t count, duration per) : starts_(count, time_point::min()), per_(per + per / 100) {}

time_point rate_limiter::next_at(time_point now) const noexcept {
  if (starts_.empty() || starts_[next_] == time_point::min() || mutant(mutation::rate_not_enforced)) return now;
  return std::max(now, starts_[next_] + per_);
}

void rate_limiter::take(time_point now) noexcept {
  if (starts_.empty()) return;
  starts_[next_] = now;
  next_ = (next_ + 1) % starts_.size();
}

void rate_limiter::give_back(time_point taken) noexcept {
  if (starts_.empty()) return;
  const auto last = (next_ + starts_.size() - 1) % starts_.size();
  if (starts_[last] != taken && !mutant(mutation::rate_forgets_last)) return;
  starts_[last] = time_point::min();
  next_ = last;
}

} // namespace tocsin::delivery
