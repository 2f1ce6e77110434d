#include "delivery/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000h};

TEST(rate_limiter_test, without_a_limit_anything_may_start_at_any_time) {
  rate_limiter limiter(0, 0s);
  for (int n = 0; n < 1000; ++n) {
    EXPECT_EQ(limiter.next_at(start), start);
    limiter.take(start);
  }
}

TEST(rate_limiter_test, lets_a_burst_through_and_then_waits_for_the_window_to_pass) {
  rate_limiter limiter(3, 60s);
  for (int n = 0; n < 3; ++n) {
    EXPECT_EQ(limiter.next_at(start), start);
    limiter.take(start);
  }
  const auto next = limiter.next_at(start + 10s);
  EXPECT_GT(next, start + 60s); // a little longer than asked
  EXPECT_LE(next, start + 61s);
  EXPECT_EQ(limiter.next_at(start + 2min), start + 2min);
}

TEST(rate_limiter_test, an_attempt_given_back_is_as_if_it_had_never_started) {
  rate_limiter limiter(1, 60s);
  limiter.take(start);
  EXPECT_GT(limiter.next_at(start), start);
  limiter.give_back(start);
  EXPECT_EQ(limiter.next_at(start), start);
}

TEST(rate_limiter_test, giving_one_back_never_frees_the_place_of_a_later_one) {
  rate_limiter limiter(2, 60s);
  limiter.take(start);
  limiter.take(start + 10s);
  limiter.give_back(start); // the one at 10 s has been sent
  const auto third = limiter.next_at(start + 11s);
  limiter.take(third);
  EXPECT_GE(limiter.next_at(third), start + 70s) << "two have started since 10 s";
}

} // namespace
} // namespace tocsin::delivery
