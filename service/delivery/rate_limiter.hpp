// The endpoint's own limit: never more than `count` attempts in any window of length `per`. Keeps the last `count` start times,
// so that the rule is exact over every window and a quiet endpoint takes a burst of `count` at once. Pure.
#pragma once

#include "delivery/clock.hpp"

#include <cstdint>
#include <vector>

namespace tocsin::delivery {

class rate_limiter {
public:
  // count 0: no limit. The window is held 1% longer than asked, because what counts is when requests arrive over there.
  rate_limiter(std::uint32_t count, duration per);

  // The first time at or after `now` at which an attempt may start.
  [[nodiscard]] time_point next_at(time_point now) const noexcept;
  // An attempt starts at `now`, which is not before next_at().
  void take(time_point now) noexcept;
  // An attempt that was taken at this time was given back unsent. Where others have started since, its place stays taken: theirs
  // are the times that count.
  void give_back(time_point taken) noexcept;

private:
  std::vector<time_point> starts_; // a ring of the last `count` start times
  std::size_t next_ = 0;           // the oldest of them
  duration per_;
};

} // namespace tocsin::delivery
