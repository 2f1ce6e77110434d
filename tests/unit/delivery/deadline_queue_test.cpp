#include "delivery/deadline_queue.hpp"

#include <gtest/gtest.h>

namespace tocsin::delivery {
namespace {

using namespace std::chrono_literals;

struct deadline_queue_test : testing::Test {
  index add(duration due) {
    const auto i = pool.allocate();
    pool[i].state = event_state::waiting_retry;
    pool[i].due = time_point(due);
    queue.push(pool, i);
    return i;
  }
  event_pool pool;
  deadline_queue queue;
};

TEST_F(deadline_queue_test, hands_out_what_is_due_first) {
  const auto late = add(3s);
  const auto early = add(1s);
  const auto middle = add(2s);
  for (const auto expected : {early, middle, late}) {
    EXPECT_EQ(queue.earliest(), expected);
    queue.erase(pool, queue.earliest());
  }
  EXPECT_TRUE(queue.empty());
}

TEST_F(deadline_queue_test, any_event_can_leave) {
  std::vector<index> all;
  for (int n = 0; n < 100; ++n) all.push_back(add(std::chrono::seconds((n * 37) % 100)));
  for (const auto i : all)
    if (pool[i].due != time_point(50s)) queue.erase(pool, i);
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_EQ(pool[queue.earliest()].due, time_point(50s));
}

TEST_F(deadline_queue_test, one_that_has_left_has_no_place) {
  const auto i = add(1s);
  EXPECT_NE(pool[i].heap_position, none);
  queue.erase(pool, i);
  EXPECT_EQ(pool[i].heap_position, none);
}

} // namespace
} // namespace tocsin::delivery
