// Assignments, revocations, rewinds.
#include "engine_fixture.hpp"

namespace tocsin::delivery {
namespace {

TEST_F(engine_test, a_revocation_parks_what_was_not_started_and_lets_the_rest_finish) {
  warm_up();
  const auto sent = offer(1);
  offer(1);
  offer(2);
  expect_start(sent);
  relay().stop(0, now);
  EXPECT_EQ(relay().counts().parked, 2U);
  EXPECT_FALSE(relay().quiet(0));
  EXPECT_FALSE(relay().next_attempt(now));
  end(sent, outcome::delivered);
  EXPECT_TRUE(relay().quiet(0));
  EXPECT_EQ(commit().front().offset, next_offset - 2);
  take_settlements();
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), (std::vector{settlement::returned, settlement::returned}));
  EXPECT_EQ(relay().lanes_in_use(), 0U);
}

TEST_F(engine_test, a_revoked_partition_frees_the_keys_that_others_wait_for) {
  relay().assign(1, 0);
  offer(0, 0, 7);
  const auto other = offer(1, 0, 7);
  EXPECT_EQ(relay().counts().queued, 2U);
  relay().stop(0, now);
  expect_start(other);
}

TEST_F(engine_test, an_attempt_of_a_lost_partition_keeps_its_key_until_it_ends) {
  warm_up();
  const auto zombie = offer(7);
  expect_start(zombie);
  const auto offset = next_offset - 1;
  relay().release(0, now);
  relay().assign(0, offset);
  const auto again = offer(0, offset, 7);
  EXPECT_FALSE(relay().next_attempt(now)) << "two of one key would be in flight";
  EXPECT_EQ(end(zombie, outcome::delivered).next, engine::verdict::next_step::returned);
  expect_start(again);
  EXPECT_EQ(relay().totals().sent_again, 1U);
}

TEST_F(engine_test, an_attempt_that_fails_during_a_revocation_is_parked) {
  const auto id = offer(1);
  expect_start(id);
  relay().stop(0, now);
  end(id, outcome::try_again);
  EXPECT_TRUE(relay().quiet(0));
  EXPECT_EQ(relay().counts().parked, 1U);
  advance(1h);
  EXPECT_FALSE(relay().next_attempt(now));
}

TEST_F(engine_test, an_attempt_not_sent_yet_is_not_sent_once_its_partition_is_revoked) {
  const auto id = offer(1);
  expect_start(id);
  relay().stop(0, now);
  EXPECT_FALSE(relay().may_send(id, now));
  relay().withdraw(id, now);
  EXPECT_TRUE(relay().quiet(0));
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::returned});
}

TEST_F(engine_test, revoking_twice_and_releasing_twice_is_releasing_once) {
  offer(1);
  relay().stop(0, now);
  relay().stop(0, now);
  relay().release(0, now);
  relay().release(0, now);
  relay().stop(0, now);
  EXPECT_EQ(relay().totals().returned, 1U);
  EXPECT_TRUE(relay().quiet(0));
}

TEST_F(engine_test, a_name_is_never_used_for_two_events) {
  const auto id = offer(1);
  deliver(id);
  const auto other = offer(1);
  EXPECT_EQ(index_of(id), index_of(other));
  EXPECT_NE(id, other);
}

TEST_F(engine_test, many_assignments_leave_nothing_behind) {
  for (int n = 0; n < 1000; ++n) {
    const auto id = offer(0, n, 1);
    if (n % 2 == 0) expect_start(id);
    relay().release(0, now);
    if (n % 2 == 0) end(id, outcome::delivered);
    relay().assign(0, n + 1);
  }
  EXPECT_EQ(relay().totals().in_progress, 0U);
  EXPECT_EQ(relay().lanes_in_use(), 0U);
  EXPECT_EQ(relay().bytes_in_progress(), 0U);
  EXPECT_EQ(relay().unpersisted(), 0U);
}

} // namespace
} // namespace tocsin::delivery
