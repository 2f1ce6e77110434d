#include "delivery/endpoint_health.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

using namespace std::chrono_literals;

struct endpoint_health_test : testing::Test {
  health_limits limits{.connections = 8};
  time_point now{1000h};

  endpoint_health& endpoint() {
    if (!made_) {
      made_.emplace(limits, 1);
      made_->state(now);
    }
    return *made_;
  }
  void attempt(outcome result, std::optional<std::chrono::milliseconds> retry_after = {}) {
    ASSERT_GT(endpoint().permits(now), 0U);
    endpoint().finished(endpoint().started(), result, retry_after, now);
  }
  void fail(int times) {
    for (int n = 0; n < times; ++n) attempt(outcome::try_again);
  }
  void expect(endpoint_state state) { EXPECT_EQ(endpoint().state(now), state); }

private:
  std::optional<endpoint_health> made_;
};

TEST_F(endpoint_health_test, goes_down_after_five_faults_in_a_row) {
  fail(4);
  expect(endpoint_state::up);
  fail(1);
  expect(endpoint_state::down);
  EXPECT_EQ(endpoint().permits(now), 0U);
}

TEST_F(endpoint_health_test, a_success_between_them_breaks_the_row) {
  fail(4);
  attempt(outcome::delivered);
  fail(4);
  expect(endpoint_state::up);
}

TEST_F(endpoint_health_test, an_event_that_is_refused_shows_that_the_endpoint_is_alive) {
  fail(4);
  attempt(outcome::rejected);
  fail(4);
  expect(endpoint_state::up);
}

TEST_F(endpoint_health_test, goes_down_when_half_of_the_last_fifty_were_faults) {
  for (int n = 0; n < 24; ++n) {
    attempt(outcome::delivered);
    attempt(outcome::try_again);
  }
  expect(endpoint_state::up); // 48 so far
  attempt(outcome::delivered);
  attempt(outcome::endpoint_fault);
  expect(endpoint_state::down);
}

TEST_F(endpoint_health_test, connections_that_cannot_be_opened_bring_it_down) {
  for (int n = 0; n < 5; ++n) endpoint().connect_failed(now);
  expect(endpoint_state::down);
}

TEST_F(endpoint_health_test, is_probed_by_one_attempt_once_the_back_off_is_over) {
  fail(5);
  const auto until = endpoint().reopens_at();
  EXPECT_GE(until, now + 1s);
  EXPECT_LE(until, now + 1250ms);
  now = until - 1ns;
  expect(endpoint_state::down);
  now = until;
  expect(endpoint_state::probing);
  EXPECT_EQ(endpoint().permits(now), 1U);
  (void)endpoint().started();
  EXPECT_EQ(endpoint().permits(now), 0U);
}

TEST_F(endpoint_health_test, the_back_off_doubles_with_each_failed_probe_up_to_its_maximum) {
  fail(5);
  auto expected = 1000ms;
  for (int n = 0; n < 8; ++n) {
    const auto pause = endpoint().reopens_at() - now;
    EXPECT_GE(pause, expected);
    EXPECT_LE(pause, expected + expected / 4);
    now = endpoint().reopens_at();
    attempt(outcome::endpoint_fault);
    expected = std::min<std::chrono::milliseconds>(expected * 2, 30s);
  }
}

TEST_F(endpoint_health_test, after_a_recovery_it_is_ramped_up_from_one) {
  for (int n = 0; n < 20; ++n) attempt(outcome::delivered);
  EXPECT_EQ(endpoint().limit(), 8U);
  fail(5);
  now = endpoint().reopens_at();
  attempt(outcome::delivered);
  expect(endpoint_state::up);
  EXPECT_LE(endpoint().limit(), 2U);
  attempt(outcome::delivered);
  EXPECT_LE(endpoint().limit(), 3U);
  for (int n = 0; n < 8; ++n) attempt(outcome::delivered);
  EXPECT_EQ(endpoint().limit(), 8U);
}

TEST_F(endpoint_health_test, a_retry_after_closes_it_at_once_for_as_long_as_asked) {
  attempt(outcome::try_again, 5000ms);
  expect(endpoint_state::down);
  EXPECT_EQ(endpoint().reopens_at(), now + 5s);
}

TEST_F(endpoint_health_test, a_retry_after_of_a_late_answer_lengthens_the_closure_and_never_shortens_it) {
  attempt(outcome::delivered);
  const auto late = endpoint().started();
  attempt(outcome::try_again, 20s);
  endpoint().finished(late, outcome::try_again, 60s, now);
  EXPECT_EQ(endpoint().reopens_at(), now + 60s);
  endpoint().finished(late, outcome::try_again, 1s, now);
  EXPECT_EQ(endpoint().reopens_at(), now + 60s);
}

TEST_F(endpoint_health_test, a_retry_after_beyond_reason_is_clamped) {
  for (const auto asked : {std::chrono::milliseconds(24h), std::chrono::milliseconds(std::numeric_limits<std::int64_t>::max())}) {
    attempt(outcome::try_again, asked);
    EXPECT_EQ(endpoint().reopens_at(), now + 5min);
    now += 5min;
  }
}

TEST_F(endpoint_health_test, a_retry_after_that_is_over_already_is_an_ordinary_fault) {
  attempt(outcome::try_again, -10s);
  attempt(outcome::try_again, 0ms);
  expect(endpoint_state::up);
}

TEST_F(endpoint_health_test, results_from_before_a_change_are_not_news) {
  attempt(outcome::delivered);
  const auto late = endpoint().started();
  fail(5);
  now = endpoint().reopens_at();
  expect(endpoint_state::probing);
  endpoint().finished(late, outcome::delivered, {}, now);
  expect(endpoint_state::probing);
  endpoint().finished(late, outcome::try_again, {}, now);
  expect(endpoint_state::probing);
}

TEST_F(endpoint_health_test, a_probe_given_back_unsent_leaves_room_for_another) {
  fail(5);
  now = endpoint().reopens_at();
  ASSERT_EQ(endpoint().permits(now), 1U);
  endpoint().withdrawn(endpoint().started());
  EXPECT_EQ(endpoint().permits(now), 1U);
}

TEST_F(endpoint_health_test, the_time_up_stands_still_while_it_is_not) {
  const auto before = endpoint().time_up(now);
  now += 10s;
  EXPECT_EQ(endpoint().time_up(now) - before, 10s);
  fail(5);
  now = endpoint().reopens_at() + 1h;
  expect(endpoint_state::probing);
  EXPECT_EQ(endpoint().time_up(now) - before, 10s);
  attempt(outcome::delivered);
  now += 5s;
  EXPECT_EQ(endpoint().time_up(now) - before, 15s);
}

} // namespace
} // namespace tocsin::delivery
