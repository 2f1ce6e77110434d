// Time and chance as the engine sees them: parameters, so that a simulation decides both.
#pragma once

#include <chrono>
#include <cstdint>

namespace tocsin::delivery {

// Monotonic time. The engine never reads a clock; every call that needs the time takes it.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

inline constexpr time_point never = time_point::max();

// SplitMix64 (Steele, Lea, Flood 2014): small, fast, good enough for jitter. The same seed gives the same sequence.
class random_source {
public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  // Uniform in [0, limit]; limit 0 gives 0.
  duration up_to(duration limit) noexcept {
    if (limit <= duration::zero()) return duration::zero();
    return duration(static_cast<duration::rep>(next() % (static_cast<std::uint64_t>(limit.count()) + 1)));
  }

private:
  std::uint64_t state_;
};

} // namespace tocsin::delivery
