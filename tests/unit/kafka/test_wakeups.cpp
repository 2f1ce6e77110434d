#include "kafka/wakeups.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace tocsin::kafka {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using numbers = std::vector<std::uint64_t>;

struct wakeups_test : testing::Test {
  void ring(std::uint64_t number) { place.bell_of(number).ring(); }
  numbers take() {
    const auto taken = place.take();
    return {taken.begin(), taken.end()};
  }
  void wait() {
    heard.reset();
    asio::co_spawn(
        io,
        [this]() -> asio::awaitable<void> {
          const auto taken = co_await place.wait();
          heard.emplace(taken.begin(), taken.end());
        },
        [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
  }
  void run() {
    io.restart();
    io.poll();
  }

  asio::io_context io{1};
  wakeups place{io.get_executor()};
  std::optional<numbers> heard; // by wait()
};

TEST_F(wakeups_test, tells_every_number_once_in_the_order_of_ringing) {
  for (const std::uint64_t number : numbers{3, 1, 3, 2}) ring(number);
  EXPECT_THAT(take(), ElementsAre(3, 1, 2));
  EXPECT_THAT(take(), IsEmpty());
  ring(3);
  EXPECT_THAT(take(), ElementsAre(3));
}

TEST_F(wakeups_test, wakes_whoever_waits) {
  wait();
  run();
  EXPECT_FALSE(heard);
  std::thread([this] { ring(7); }).join();
  run();
  EXPECT_THAT(heard, testing::Optional(ElementsAre(7)));
}

TEST_F(wakeups_test, does_not_wait_for_what_has_been_rung_before) {
  ring(7);
  wait();
  run();
  EXPECT_THAT(heard, testing::Optional(ElementsAre(7)));
}

TEST_F(wakeups_test, waits_for_more_than_what_has_been_taken) {
  ring(7);
  EXPECT_THAT(take(), ElementsAre(7));
  wait();
  run();
  EXPECT_FALSE(heard);
  ring(7);
  run();
  EXPECT_THAT(heard, testing::Optional(ElementsAre(7)));
}

TEST_F(wakeups_test, an_interrupt_ends_the_wait_with_nothing) {
  wait();
  run();
  place.interrupt();
  run();
  EXPECT_THAT(heard, testing::Optional(IsEmpty()));
  wait(); // the next one is another
  run();
  EXPECT_FALSE(heard);
  ring(7);
  run();
  EXPECT_TRUE(heard);
}

TEST_F(wakeups_test, an_interrupt_also_ends_a_wait_that_is_just_looking_again) {
  ring(7);
  EXPECT_THAT(take(), ElementsAre(7));
  wait();
  io.restart();
  io.poll_one(); // the wait has begun, and what take() left of the ringing is on its way to it
  place.interrupt();
  run();
  EXPECT_THAT(heard, testing::Optional(IsEmpty()));
}

TEST_F(wakeups_test, an_interrupt_of_nobody_is_forgotten) {
  place.interrupt();
  wait();
  run();
  EXPECT_FALSE(heard);
  ring(7);
  run();
  EXPECT_TRUE(heard);
}

// Whatever is put somewhere before its bell rings is found there by whoever is told of it: nothing stays behind.
TEST_F(wakeups_test, no_ringing_is_lost_whoever_else_rings) {
  constexpr int threads = 4, each = 50'000;
  constexpr std::size_t places = 5;
  std::array<std::atomic<int>, places> there{};
  for (std::size_t i = 0; i < places; ++i) (void)place.bell_of(i);
  int found = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        while (found < threads * each)
          for (const std::uint64_t number : co_await place.wait()) found += there[number].exchange(0, std::memory_order_relaxed);
      },
      [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
  std::vector<std::jthread> ringing;
  for (int thread = 0; thread < threads; ++thread)
    ringing.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i) {
        const std::size_t where = static_cast<std::size_t>(i + thread) % places;
        there[where].fetch_add(1, std::memory_order_relaxed);
        place.bell_of(where).ring();
      }
    });
  io.run_for(60s);
  EXPECT_EQ(found, threads * each);
  place.interrupt();
  run();
}

} // namespace
} // namespace tocsin::kafka
