#include "delivery/offset_tracker.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

struct offset_tracker_test : testing::Test {
  offset_tracker_test() { tracker.assign(0, std::nullopt); }

  index receive(std::int64_t offset) {
    const auto i = pool.allocate();
    pool[i].state = event_state::queued;
    pool[i].offset = offset;
    tracker.received(offset);
    tracker.unsettled(pool, i);
    return i;
  }
  void settle(index i) {
    tracker.remove(pool, i);
    tracker.settled(pool[i].offset);
    pool.release(i);
  }
  [[nodiscard]] std::int64_t committable() const { return tracker.take_snapshot(pool).offset; }

  event_pool pool;
  offset_tracker tracker;
};

TEST_F(offset_tracker_test, commits_nothing_past_an_unsettled_record) {
  const auto slow = receive(0);
  for (std::int64_t offset = 1; offset < 100; ++offset) settle(receive(offset));
  EXPECT_EQ(committable(), 0);
  settle(slow);
  EXPECT_EQ(committable(), 100);
}

TEST_F(offset_tracker_test, offsets_that_were_never_received_hold_nothing_back) {
  settle(receive(3));
  const auto slow = receive(10);
  EXPECT_EQ(committable(), 10); // 4 to 9 do not exist
  settle(slow);
  EXPECT_EQ(committable(), 11);
}

TEST_F(offset_tracker_test, a_record_behind_the_position_is_a_repetition) {
  receive(5);
  EXPECT_EQ(tracker.classify(5), offset_tracker::arrival::behind);
  EXPECT_EQ(tracker.classify(4), offset_tracker::arrival::behind);
  EXPECT_EQ(tracker.classify(6), offset_tracker::arrival::fresh);
}

TEST_F(offset_tracker_test, what_is_settled_above_the_commit_is_known_after_a_restart) {
  receive(0);
  for (std::int64_t offset = 1; offset < 50; ++offset) settle(receive(offset));
  receive(50);
  const auto taken = tracker.take_snapshot(pool);
  EXPECT_TRUE(taken.complete);

  offset_tracker next;
  next.assign(taken.offset, decode(taken.metadata, taken.offset));
  EXPECT_EQ(next.classify(0), offset_tracker::arrival::fresh);
  EXPECT_EQ(next.classify(1), offset_tracker::arrival::settled_before);
  EXPECT_EQ(next.classify(49), offset_tracker::arrival::settled_before);
  EXPECT_EQ(next.classify(50), offset_tracker::arrival::fresh);
  EXPECT_EQ(next.classify(51), offset_tracker::arrival::fresh);
}

TEST_F(offset_tracker_test, a_commit_soon_after_a_restart_still_says_what_the_map_before_said) {
  tracker.assign(0, ack_map{0, 100, {{0, 1}, {40, 41}}});
  settle(receive(0));
  const auto taken = tracker.take_snapshot(pool); // 1 to 39 have not been received again yet, and need not be
  EXPECT_EQ(taken.offset, 40);
  const auto map = decode(taken.metadata, 40);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->horizon, 100);
}

TEST_F(offset_tracker_test, when_all_that_the_map_left_open_is_settled_the_commit_is_at_its_horizon) {
  tracker.assign(0, ack_map{0, 100, {{0, 1}}});
  settle(receive(0));
  const auto taken = tracker.take_snapshot(pool);
  EXPECT_EQ(taken.offset, 100);
  EXPECT_EQ(taken.metadata, "");
}

TEST_F(offset_tracker_test, only_what_a_snapshot_contained_is_persisted_by_it) {
  settle(receive(0));
  settle(receive(1));
  const auto taken = tracker.take_snapshot(pool);
  settle(receive(2));
  tracker.persisted(taken);
  EXPECT_EQ(tracker.unpersisted(), 1U);
}

TEST_F(offset_tracker_test, a_map_that_does_not_fit_persists_nothing_and_says_how_far_it_reaches) {
  for (std::int64_t n = 0; n < 4000; ++n) {
    receive(n * 1'000'000);
    settle(receive(n * 1'000'000 + 500'000));
  }
  const auto taken = tracker.take_snapshot(pool);
  EXPECT_FALSE(taken.complete);
  EXPECT_EQ(taken.persisted, 0U);
  EXPECT_GT(taken.horizon, 100'000'000);
  EXPECT_LT(taken.horizon, tracker.position());
  const auto map = decode(taken.metadata, taken.offset);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->horizon, taken.horizon);
  EXPECT_LE(taken.metadata.size(), ack_map_limit);
}

TEST_F(offset_tracker_test, what_a_cut_took_is_never_said_again) {
  receive(0);
  settle(receive(9));
  tracker.persisted(tracker.take_snapshot(pool));
  EXPECT_EQ(tracker.said_until(), 10);
  tracker.cut(3);
  EXPECT_EQ(tracker.said_until(), 3);
  EXPECT_EQ(tracker.classify(2), offset_tracker::arrival::behind);
  EXPECT_EQ(tracker.classify(3), offset_tracker::arrival::fresh);
  receive(5);
  receive(7);
  const auto taken = tracker.take_snapshot(pool);
  EXPECT_EQ(taken.offset, 0);
  EXPECT_EQ(decode(taken.metadata, 0)->horizon, 8);
  settle(tracker.events().front());
  EXPECT_EQ(committable(), 5);
  EXPECT_EQ(tracker.take_snapshot(pool).metadata, "") << "6 does not exist";
}

} // namespace
} // namespace tocsin::delivery
