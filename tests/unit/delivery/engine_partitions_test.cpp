// Assignments, revocations, rewinds, logs that are made anew.
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

// --- a log that is made anew

struct engine_anew_test : engine_test {
  // Three of the old log: one in flight, one behind it, one that waits for its retry.
  void fill_old_log() {
    warm_up();
    sent = offer(1);
    behind = offer(1);
    retried = offer(2);
    expect_start(sent);
    expect_start(retried);
    EXPECT_EQ(end(retried, outcome::try_again).next, engine::verdict::next_step::retry);
  }
  event_id sent = 0, behind = 0, retried = 0;
};

TEST_F(engine_anew_test, what_was_received_of_the_log_before_is_delivered) {
  fill_old_log();
  relay().begin_anew(0, 0, now);
  EXPECT_EQ(end(sent, outcome::delivered).next, engine::verdict::next_step::settled);
  deliver(behind);
  advance(1h);
  deliver(retried);
  EXPECT_EQ(take_settlements(), std::vector(3, settlement::delivered));
  EXPECT_EQ(relay().logless(), 0U);
}

TEST_F(engine_anew_test, the_new_position_is_committed_before_anything_is_wanted_and_no_old_offset_ever) {
  fill_old_log();
  relay().begin_anew(0, 5, now);
  EXPECT_FALSE(relay().wants(0));
  EXPECT_TRUE(relay().commit_due(now));
  end(sent, outcome::delivered);
  const auto entries = commit();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().offset, 5);
  EXPECT_EQ(entries.front().metadata, "");
  EXPECT_TRUE(relay().wants(0));
  deliver(behind);
  EXPECT_FALSE(relay().anything_to_commit());
  EXPECT_EQ(relay().unpersisted(), 0U);
}

TEST_F(engine_anew_test, a_commit_of_the_log_before_says_nothing_of_the_new_one) {
  deliver(offer(1));
  ASSERT_EQ(relay().begin_commit(now).size(), 1U);
  relay().begin_anew(0, 0, now);
  const bool yes = true;
  relay().commit_finished({&yes, 1}, now);
  EXPECT_FALSE(relay().wants(0));
  EXPECT_FALSE(relay().status(0).committed);
}

TEST_F(engine_anew_test, a_key_goes_on_with_the_log_before) {
  fill_old_log();
  relay().begin_anew(0, 0, now);
  commit();
  const auto later = offer(0, 0, 1);
  const auto other = offer(0, 1, 2);
  EXPECT_FALSE(relay().next_attempt(now)) << "both wait for the one ahead of them";
  end(sent, outcome::delivered);
  deliver(behind);
  deliver(later);
  advance(1h);
  deliver(retried);
  deliver(other);
  EXPECT_EQ(commit().front().offset, 2);
  EXPECT_EQ(relay().totals().sent_again, 0U) << "the same offsets, but other events";
}

TEST_F(engine_anew_test, what_nobody_can_read_again_goes_on_through_a_revocation) {
  fill_old_log();
  relay().begin_anew(0, 0, now);
  commit();
  const auto fresh = offer(0, 0, 3);
  relay().stop(0, now);
  EXPECT_EQ(relay().logless(), 3U);
  EXPECT_TRUE(relay().may_send(sent, now));
  end(sent, outcome::delivered);
  const auto attempt = relay().next_attempt(now);
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->id, behind);
  relay().release(0, now);
  relay().take_settled(settled);
  ASSERT_EQ(settled.size(), 2U);
  EXPECT_EQ(settled.back().id, fresh);
  EXPECT_EQ(settled.back().settlement, settlement::returned);
  EXPECT_EQ(end(behind, outcome::delivered).next, engine::verdict::next_step::settled);
  advance(1h);
  deliver(retried);
  EXPECT_EQ(relay().totals().in_progress, 0U);
}

TEST_F(engine_anew_test, a_partition_that_is_handed_over_meanwhile_hands_over_its_new_beginning) {
  fill_old_log();
  relay().stop(0, now);
  relay().begin_anew(0, 0, now);
  EXPECT_EQ(take_settlements(), std::vector(2, settlement::dropped)) << "nobody can read what is parked";
  EXPECT_FALSE(relay().quiet(0));
  EXPECT_EQ(commit().front().offset, 0);
  EXPECT_FALSE(relay().wants(0));
  end(sent, outcome::delivered);
  EXPECT_TRUE(relay().quiet(0));
  EXPECT_FALSE(relay().anything_to_commit());
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::delivered});
}

TEST_F(engine_anew_test, a_dead_letter_of_the_log_before_is_written) {
  const auto id = offer(1);
  expect_start(id);
  relay().begin_anew(0, 0, now);
  EXPECT_EQ(end(id, outcome::rejected).next, engine::verdict::next_step::dead_letter);
  relay().stop(0, now);
  ASSERT_EQ(relay().next_dead_letter(), id);
  relay().dead_letter_failed(id, now);
  advance(1h);
  ASSERT_EQ(relay().next_dead_letter(), id) << "a revocation parks those that can be read again";
  relay().dead_letter_acknowledged(id, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::dead_lettered});
}

TEST_F(engine_anew_test, at_the_end_of_the_process_what_was_not_delivered_is_counted_as_dropped) {
  fill_old_log();
  const auto refused = relay().offer_refused(0, next_offset, 10, now);
  relay().begin_anew(0, 0, now);
  relay().release(0, now);
  relay().withdraw(sent, now);
  relay().drop_logless(now);
  EXPECT_EQ(take_settlements(), std::vector(4, settlement::dropped));
  EXPECT_EQ(relay().logless(), 0U);
  EXPECT_EQ(relay().lanes_in_use(), 0U);
  EXPECT_FALSE(relay().next_dead_letter()) << refused;
  EXPECT_FALSE(relay().next_attempt(now + 1h));
}

} // namespace
} // namespace tocsin::delivery
