// How long an event waits before it is tried again, and when it has been tried often enough. Pure.
#pragma once

#include "delivery/clock.hpp"

#include <cstdint>
#include <optional>

namespace tocsin::delivery {

struct retry_limits {
  duration initial = std::chrono::milliseconds(200);
  duration max = std::chrono::seconds(30);
  std::uint32_t max_attempts = 10; // the first one included; at least 1
  std::optional<duration> max_age; // since reception, the endpoint's down time not counted
};

// Exponential back-off with full jitter (AWS architecture blog, "Exponential Backoff and Jitter"): uniform between 0 and
// initial * 2^(failures-1), at most max. `failures` counts from 1.
[[nodiscard]] duration retry_delay(const retry_limits&, std::uint32_t failures, random_source&) noexcept;

// The upper bound of the above.
[[nodiscard]] duration retry_ceiling(const retry_limits&, std::uint32_t failures) noexcept;

} // namespace tocsin::delivery
