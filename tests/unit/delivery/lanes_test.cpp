#include "delivery/lanes.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

struct lanes_test : testing::Test {
  index make() {
    const auto i = pool.allocate();
    pool[i].state = event_state::queued;
    return i;
  }
  event_pool pool;
  lanes all;
};

TEST_F(lanes_test, the_first_of_a_key_may_go_and_the_others_wait) {
  EXPECT_TRUE(all.enter(pool, make(), 7));
  EXPECT_FALSE(all.enter(pool, make(), 7));
  EXPECT_TRUE(all.enter(pool, make(), 8));
}

TEST_F(lanes_test, when_the_first_leaves_the_second_has_its_turn) {
  const auto first = make(), second = make(), third = make();
  all.enter(pool, first, 7);
  all.enter(pool, second, 7);
  all.enter(pool, third, 7);
  EXPECT_EQ(all.leave(pool, first), second);
  EXPECT_EQ(all.leave(pool, second), third);
  EXPECT_EQ(all.leave(pool, third), none);
}

TEST_F(lanes_test, one_that_leaves_from_the_middle_gives_nobody_a_turn) {
  const auto first = make(), second = make(), third = make();
  all.enter(pool, first, 7);
  all.enter(pool, second, 7);
  all.enter(pool, third, 7);
  EXPECT_EQ(all.leave(pool, second), none);
  EXPECT_TRUE(all.is_head(pool, first));
  EXPECT_EQ(all.leave(pool, first), third);
}

TEST_F(lanes_test, a_lane_exists_only_while_it_holds_an_event) {
  for (lane_key key = 0; key < 100'000; ++key) {
    const auto i = make();
    EXPECT_TRUE(all.enter(pool, i, key));
    EXPECT_EQ(all.size(), 1U);
    EXPECT_EQ(all.leave(pool, i), none);
    pool.release(i);
  }
  EXPECT_EQ(all.size(), 0U);
}

} // namespace
} // namespace tocsin::delivery
