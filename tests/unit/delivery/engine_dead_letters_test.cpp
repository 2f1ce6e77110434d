#include "engine_fixture.hpp"

namespace tocsin::delivery {
namespace {

struct engine_dead_letters_test : engine_test {
  event_id reject(lane_key key) {
    const auto id = offer(key);
    expect_start(id);
    EXPECT_EQ(end(id, outcome::rejected).cause, dead_letter_cause::rejected);
    return id;
  }
};

TEST_F(engine_dead_letters_test, a_rejected_event_is_settled_when_its_dead_letter_is_acknowledged_and_not_before) {
  const auto id = reject(1);
  EXPECT_EQ(relay().next_dead_letter(), id);
  EXPECT_TRUE(take_settlements().empty());
  EXPECT_EQ(relay().begin_commit(now).size(), 0U);
  relay().dead_letter_acknowledged(id, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::dead_lettered});
  EXPECT_EQ(commit().front().offset, 1);
}

TEST_F(engine_dead_letters_test, while_it_cannot_be_written_its_key_waits_and_others_go_on) {
  warm_up();
  const auto id = reject(1);
  const auto behind = offer(1);
  const auto other = offer(2);
  for (int n = 0; n < 20; ++n) {
    ASSERT_EQ(relay().next_dead_letter(), id) << n;
    relay().dead_letter_failed(id, now);
    EXPECT_FALSE(relay().next_dead_letter());
    advance(settings.retry.max);
  }
  deliver(other);
  EXPECT_FALSE(relay().next_attempt(now));
  EXPECT_EQ(relay().next_dead_letter(), id);
  relay().dead_letter_acknowledged(id, now);
  deliver(behind);
}

TEST_F(engine_dead_letters_test, one_that_the_producer_has_no_room_for_is_offered_again_soon) {
  const auto id = reject(1);
  EXPECT_EQ(relay().next_dead_letter(), id);
  relay().dead_letter_deferred(id, now);
  EXPECT_FALSE(relay().next_dead_letter());
  advance(10ms);
  EXPECT_EQ(relay().next_dead_letter(), id);
}

TEST_F(engine_dead_letters_test, a_refused_event_is_a_dead_letter_without_an_attempt) {
  ASSERT_EQ(relay().arrive(0, 0), offset_tracker::arrival::fresh);
  const auto id = relay().offer_refused(0, 0, 10, now);
  EXPECT_FALSE(relay().next_attempt(now));
  EXPECT_EQ(relay().next_dead_letter(), id);
  EXPECT_EQ(relay().get(id).cause, dead_letter_cause::refused);
}

TEST_F(engine_dead_letters_test, switched_off_they_are_dropped_and_counted) {
  settings.dead_letters = false;
  reject(1);
  ASSERT_EQ(relay().arrive(0, 1), offset_tracker::arrival::fresh);
  relay().offer_refused(0, 1, 10, now);
  EXPECT_EQ(take_settlements(), (std::vector{settlement::dropped, settlement::dropped}));
  EXPECT_EQ(relay().totals().dropped, 2U);
  EXPECT_FALSE(relay().next_dead_letter());
  EXPECT_EQ(commit().front().offset, 2);
}

TEST_F(engine_dead_letters_test, an_event_rejected_during_a_revocation_still_becomes_one_before_the_partition_is_quiet) {
  const auto id = offer(1);
  expect_start(id);
  relay().stop(0, now);
  EXPECT_FALSE(relay().quiet(0));
  end(id, outcome::rejected);
  EXPECT_FALSE(relay().quiet(0));
  EXPECT_EQ(relay().next_dead_letter(), id);
  relay().dead_letter_acknowledged(id, now);
  EXPECT_TRUE(relay().quiet(0));
  EXPECT_EQ(commit().front().offset, 1);
}

TEST_F(engine_dead_letters_test, one_that_cannot_be_written_during_a_revocation_does_not_hold_it_up) {
  const auto id = reject(1);
  EXPECT_EQ(relay().next_dead_letter(), id);
  relay().stop(0, now);
  EXPECT_FALSE(relay().quiet(0));
  relay().dead_letter_failed(id, now);
  EXPECT_TRUE(relay().quiet(0));
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::returned});
}

TEST_F(engine_dead_letters_test, one_that_was_never_handed_over_is_returned_with_its_partition) {
  const auto id = reject(1);
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::returned});
  EXPECT_EQ(settled.front().id, id);
  EXPECT_FALSE(relay().next_dead_letter());
}

TEST_F(engine_dead_letters_test, an_acknowledgement_after_the_partition_is_gone_settles_nothing) {
  const auto id = reject(1);
  EXPECT_EQ(relay().next_dead_letter(), id);
  relay().release(0, now);
  relay().assign(0, 0);
  relay().dead_letter_acknowledged(id, now);
  EXPECT_EQ(take_settlements(), std::vector{settlement::returned});
  EXPECT_TRUE(relay().begin_commit(now).empty());
}

} // namespace
} // namespace tocsin::delivery
