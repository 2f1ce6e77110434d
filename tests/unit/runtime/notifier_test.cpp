#include "runtime/notifier.hpp"
#include "runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <vector>

namespace tocsin::runtime {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> park(notifier& place, int name, std::vector<int>& woken) {
  co_await place.wait(asio::use_awaitable);
  woken.push_back(name);
}

struct notifier_test : testing::Test {
  void park_three() {
    for (int name : {1, 2, 3}) group.spawn(park(place, name, woken));
    io.poll();
  }
  void run() {
    io.restart();
    io.poll();
  }

  asio::io_context io;
  notifier place{io.get_executor()};
  task_group group{io.get_executor()};
  std::vector<int> woken;
};

TEST_F(notifier_test, wakes_the_last_one_that_parked) {
  park_three();
  EXPECT_EQ(place.waiting(), 3U);
  place.notify_one();
  EXPECT_TRUE(woken.empty()) << "nobody may run inside notify_one()";
  run();
  EXPECT_EQ(woken, std::vector{3});
  place.notify_all();
  run();
  EXPECT_EQ(woken, (std::vector{3, 1, 2}));
}

TEST_F(notifier_test, remembers_no_notification) {
  place.notify_one();
  place.notify_all();
  park_three();
  EXPECT_TRUE(woken.empty());
  place.notify_all();
  run();
}

TEST_F(notifier_test, lets_a_cancelled_one_go) {
  park_three();
  group.cancel();
  run();
  EXPECT_TRUE(woken.empty()) << "a cancelled coroutine goes no further";
  EXPECT_EQ(place.waiting(), 0U);
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(notifier_test, survives_cancellation_after_the_notification) {
  park_three();
  place.notify_all();
  group.cancel();
  run();
  EXPECT_EQ(group.size(), 0U);
}

} // namespace
} // namespace tocsin::runtime
