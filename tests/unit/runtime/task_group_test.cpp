#include "runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>

namespace tocsin::runtime {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> sleep_for(std::chrono::hours time, bool& ended) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
  ended = true;
}

task<> set(int& count) {
  ++count;
  co_return;
}

asio::awaitable<void> fail() {
  throw std::logic_error("a bug");
  co_return;
}

asio::awaitable<void> join_and_set(task_group& group, bool& joined) {
  co_await group.join();
  joined = true;
}

TEST(task_group, runs_coroutines_of_both_kinds_and_forgets_them) {
  asio::io_context io;
  task_group group(io.get_executor());
  int count = 0;
  group.spawn(set(count));
  group.spawn(set(count));
  EXPECT_EQ(group.size(), 2U);
  EXPECT_EQ(count, 0) << "nothing may start inside spawn()";
  io.run();
  EXPECT_EQ(count, 2);
  EXPECT_EQ(group.size(), 0U);
}

TEST(task_group, joins_when_the_last_one_has_ended) {
  asio::io_context io;
  task_group group(io.get_executor());
  task_group outside(io.get_executor());
  bool slept = false;
  bool joined = false;
  group.spawn(sleep_for(1h, slept));
  outside.spawn(join_and_set(group, joined));
  io.poll();
  EXPECT_FALSE(joined);
  group.cancel();
  io.run();
  EXPECT_TRUE(joined);
  EXPECT_FALSE(slept);
}

TEST(task_group, joins_an_empty_group_at_once) {
  asio::io_context io;
  task_group group(io.get_executor());
  task_group outside(io.get_executor());
  bool joined = false;
  outside.spawn(join_and_set(group, joined));
  io.run();
  EXPECT_TRUE(joined);
}

TEST(task_group, lets_an_exception_leave_the_event_loop) {
  asio::io_context io;
  task_group group(io.get_executor());
  group.spawn(fail());
  EXPECT_THROW(io.run(), std::logic_error);
  EXPECT_EQ(group.size(), 0U);
}

TEST(task_group_death, refuses_to_go_before_its_coroutines) {
  EXPECT_DEATH(
      {
        asio::io_context io;
        std::optional<task_group> group(std::in_place, io.get_executor());
        bool ended = false;
        group->spawn(sleep_for(1h, ended));
        group.reset();
      },
      "no coroutine outlives its group");
}

} // namespace
} // namespace tocsin::runtime
