#include "runtime/deadline_timer.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace tocsin::runtime {
namespace {

using namespace std::chrono_literals;
using clock = deadline_timer::clock;

TEST(deadline_timer, calls_once_when_the_deadline_has_passed) {
  boost::asio::io_context io;
  int calls = 0;
  const auto deadline = clock::now() + 5ms;
  deadline_timer timer(io.get_executor(), [&] {
    ++calls;
    EXPECT_GE(clock::now(), deadline);
  });
  EXPECT_FALSE(timer.armed());
  timer.expires_at(deadline);
  EXPECT_TRUE(timer.armed());
  io.run();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(timer.armed());
}

TEST(deadline_timer, moves_in_both_directions) {
  boost::asio::io_context io;
  int calls = 0;
  const auto later = clock::now() + 10ms;
  deadline_timer timer(io.get_executor(), [&] {
    ++calls;
    EXPECT_GE(clock::now(), later);
  });
  timer.expires_at(clock::now() + 1h);
  timer.expires_at(clock::now() + 1ms);
  timer.expires_at(later);
  io.run();
  EXPECT_EQ(calls, 1);
}

TEST(deadline_timer, can_be_armed_from_its_own_call) {
  boost::asio::io_context io;
  int calls = 0;
  std::unique_ptr<deadline_timer> timer;
  timer = std::make_unique<deadline_timer>(io.get_executor(), [&] {
    if (++calls < 3) timer->expires_at(clock::now());
  });
  timer->expires_at(clock::now());
  io.run();
  EXPECT_EQ(calls, 3);
}

TEST(deadline_timer, says_nothing_after_cancel_or_destruction) {
  boost::asio::io_context io;
  int calls = 0;
  deadline_timer cancelled(io.get_executor(), [&] { ++calls; });
  cancelled.expires_at(clock::now() + 1h);
  cancelled.cancel();
  {
    deadline_timer gone(io.get_executor(), [&] { ++calls; });
    gone.expires_at(clock::now() + 1h);
  }
  io.run();
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(cancelled.armed());
}

} // namespace
} // namespace tocsin::runtime
