#include "delivery/retry_policy.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

using namespace std::chrono_literals;

TEST(retry_policy_test, the_ceiling_doubles_up_to_the_maximum) {
  const retry_limits limits{.initial = 200ms, .max = 30s, .max_attempts = 10, .max_age = {}};
  EXPECT_EQ(retry_ceiling(limits, 1), 200ms);
  EXPECT_EQ(retry_ceiling(limits, 2), 400ms);
  EXPECT_EQ(retry_ceiling(limits, 5), 3200ms);
  EXPECT_EQ(retry_ceiling(limits, 9), 30s);
  EXPECT_EQ(retry_ceiling(limits, 1'000'000), 30s);
}

TEST(retry_policy_test, an_initial_pause_above_the_maximum_is_the_maximum) {
  const retry_limits limits{.initial = 10s, .max = 1s, .max_attempts = 10, .max_age = {}};
  EXPECT_EQ(retry_ceiling(limits, 1), 1s);
}

TEST(retry_policy_test, delays_are_spread_over_all_of_the_interval) {
  const retry_limits limits{.initial = 200ms, .max = 30s, .max_attempts = 10, .max_age = {}};
  random_source random(7);
  int quarters[4] = {};
  for (int n = 0; n < 4000; ++n) {
    const auto delay = retry_delay(limits, 3, random);
    ASSERT_GE(delay, 0s);
    ASSERT_LE(delay, 800ms);
    ++quarters[std::min<std::int64_t>(delay / 200ms, 3)];
  }
  for (const auto count : quarters) EXPECT_GT(count, 800);
}

TEST(retry_policy_test, the_same_seed_gives_the_same_delays) {
  const retry_limits limits;
  random_source one(3), other(3);
  for (std::uint32_t n = 1; n < 50; ++n) EXPECT_EQ(retry_delay(limits, n, one), retry_delay(limits, n, other));
}

} // namespace
} // namespace tocsin::delivery
