#include "delivery/retry_policy.hpp"

#include <algorithm>

namespace tocsin::delivery {

duration retry_ceiling(const retry_limits& limits, std::uint32_t failures) noexcept {
  auto ceiling = limits.initial;
  for (std::uint32_t n = 1; n < failures && ceiling < limits.max; ++n) ceiling *= 2;
  return std::min(ceiling, limits.max);
}

duration retry_delay(const retry_limits& limits, std::uint32_t failures, random_source& random) noexcept {
  return random.up_to(retry_ceiling(limits, failures));
}

} // namespace tocsin::delivery
