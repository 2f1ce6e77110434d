// Intake, attempts and retries.
#include "engine_fixture.hpp"

namespace tocsin::delivery {
namespace {

using next_step = engine::verdict::next_step;

TEST_F(engine_test, an_event_is_sent_delivered_and_told_of) {
  const auto id = offer(1);
  EXPECT_EQ(relay().connections_wanted(now), 1U);
  deliver(id);
  EXPECT_EQ(take_settlements(), std::vector{settlement::delivered});
  EXPECT_EQ(settled.front().id, id);
  EXPECT_EQ(relay().totals().delivered, 1U);
  EXPECT_EQ(relay().totals().in_progress, 0U);
}

TEST_F(engine_test, events_without_a_key_go_at_once) {
  warm_up();
  const auto first = offer(0, next_offset++, std::nullopt);
  const auto second = offer(0, next_offset++, std::nullopt);
  expect_start(first);
  expect_start(second);
  end(second, outcome::delivered);
  end(first, outcome::delivered);
}

TEST_F(engine_test, no_more_attempts_start_than_the_ramp_allows) {
  for (lane_key key = 0; key < 10; ++key) offer(key);
  EXPECT_TRUE(relay().next_attempt(now));
  EXPECT_FALSE(relay().next_attempt(now)); // one at first
  EXPECT_EQ(relay().connections_wanted(now), 1U);
}

TEST_F(engine_test, a_retry_waits_without_a_connection) {
  warm_up();
  const auto id = offer(1);
  expect_start(id);
  const auto said = end(id, outcome::try_again);
  EXPECT_EQ(said.next, next_step::retry);
  EXPECT_EQ(relay().in_flight(), 0U);
  EXPECT_EQ(relay().counts().waiting_retry, 1U);
  EXPECT_EQ(relay().next_due(now), now + said.retry_in);
  advance(said.retry_in);
  const auto again = relay().next_attempt(now);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->number, 2U);
  EXPECT_EQ(relay().totals().retries, 1U);
  end(id, outcome::delivered);
}

TEST_F(engine_test, attempts_are_counted_up_to_the_limit_and_then_it_is_a_dead_letter) {
  settings.retry.max_attempts = 3;
  settings.health.faults_in_a_row = 100;
  settings.health.window = 64;
  warm_up();
  const auto id = offer(1);
  for (int n = 0; n < 2; ++n) {
    expect_start(id);
    advance(end(id, outcome::try_again).retry_in);
  }
  expect_start(id);
  const auto said = end(id, outcome::try_again);
  EXPECT_EQ(said.next, next_step::dead_letter);
  EXPECT_EQ(said.cause, dead_letter_cause::retries_exhausted);
  EXPECT_EQ(said.attempts, 3U);
}

TEST_F(engine_test, an_event_older_than_max_age_is_a_dead_letter_instead_of_an_attempt) {
  settings.retry.max_age = 1min;
  const auto id = offer(1);
  advance(61s);
  EXPECT_FALSE(relay().next_attempt(now));
  EXPECT_EQ(relay().next_dead_letter(), id);
  EXPECT_EQ(relay().get(id).cause, dead_letter_cause::expired);
}

TEST_F(engine_test, while_held_nothing_starts_and_what_was_handed_out_is_not_sent) {
  warm_up();
  const auto handed_out = offer(1);
  offer(2);
  expect_start(handed_out);
  EXPECT_TRUE(relay().may_send(handed_out, now));
  relay().hold(true);
  EXPECT_FALSE(relay().may_send(handed_out, now));
  EXPECT_FALSE(relay().next_attempt(now));
  relay().hold(false);
  EXPECT_TRUE(relay().next_attempt(now));
}

TEST_F(engine_test, an_attempt_given_back_is_none_and_its_event_is_next_again) {
  settings.rate_count = 2;
  settings.rate_per = 1h;
  const auto id = offer(1);
  for (int n = 0; n < 5; ++n) {
    expect_start(id);
    relay().withdraw(id, now);
  }
  const auto attempt = relay().next_attempt(now);
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->number, 1U);
  EXPECT_EQ(relay().totals().retries, 0U);
}

TEST_F(engine_test, an_attempt_handed_out_before_the_endpoint_went_down_is_not_sent) {
  settings.health.faults_in_a_row = 1;
  warm_up();
  const auto waits_for_its_connection = offer(1);
  const auto fails = offer(2);
  expect_start(waits_for_its_connection);
  expect_start(fails);
  end(fails, outcome::endpoint_fault);
  EXPECT_FALSE(relay().may_send(waits_for_its_connection, now));
  relay().withdraw(waits_for_its_connection, now);
  advance(relay().next_due(now) - now);
  advance(relay().health().reopens_at() == never ? 0s : relay().health().reopens_at() - now);
  expect_start(waits_for_its_connection); // as the probe
  EXPECT_TRUE(relay().may_send(waits_for_its_connection, now));
}

TEST_F(engine_test, the_rate_of_the_endpoint_is_kept) {
  settings.rate_count = 2;
  settings.rate_per = 60s;
  deliver(offer(1));
  deliver(offer(2));
  commit();
  offer(3);
  EXPECT_FALSE(relay().next_attempt(now));
  EXPECT_EQ(relay().connections_wanted(now), 0U);
  const auto due = relay().next_due(now);
  EXPECT_GE(due, now + 60s);
  EXPECT_LE(due, now + 61s);
  advance(61s);
  EXPECT_TRUE(relay().next_attempt(now));
}

TEST_F(engine_test, a_record_of_a_partition_that_is_not_ours_is_not_wanted) {
  EXPECT_TRUE(relay().wants(0));
  EXPECT_FALSE(relay().wants(1));
  relay().stop(0, now);
  EXPECT_FALSE(relay().wants(0));
  relay().release(0, now);
  EXPECT_FALSE(relay().wants(0));
}

TEST_F(engine_test, waking_for_every_retry_costs_no_tick_in_between) {
  warm_up();
  settings.health.faults_in_a_row = 5;
  const auto id = offer(1);
  expect_start(id);
  const auto said = end(id, outcome::try_again);
  const auto due = now + said.retry_in;
  if (said.retry_in > 1ns) {
    relay().tick(due - 1ns);
    EXPECT_EQ(relay().counts().waiting_retry, 1U);
  }
  relay().tick(due);
  EXPECT_EQ(relay().counts().queued, 1U);
}

} // namespace
} // namespace tocsin::delivery
