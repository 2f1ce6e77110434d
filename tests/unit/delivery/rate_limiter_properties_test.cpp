#include "delivery/rate_limiter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace tocsin::delivery {
namespace {

// Against the plain rule: in no window of the length are there more starts than allowed, those given back unsent left out.
RC_GTEST_PROP(rate_limiter_properties, is_never_exceeded_over_any_window, ()) {
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 6);
  const duration per = std::chrono::milliseconds(100);
  rate_limiter limiter(count, per);
  struct one {
    time_point at;
    bool sent = true;
  };
  std::vector<one> starts;
  time_point now{std::chrono::hours(1)};
  for (const auto& [what, pause] :
       *rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::inRange(0, 60)))) {
    now += std::chrono::milliseconds(pause);
    if (what == 0 && !starts.empty()) {
      auto& back = starts[static_cast<std::size_t>(pause) % starts.size()];
      if (back.sent) limiter.give_back(back.at);
      back.sent = false;
    } else if (limiter.next_at(now) <= now) {
      limiter.take(now);
      starts.push_back({now});
    }
    std::size_t within = 0;
    for (const auto& start : starts) within += start.sent && now - start.at < per ? 1U : 0U;
    RC_ASSERT(within <= count);
  }
}

} // namespace
} // namespace tocsin::delivery
