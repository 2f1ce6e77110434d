#include "observe/log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace tocsin::observe::log {
namespace {

using namespace std::chrono_literals;

// A pipe whose reading end the test holds; the log writes into the other.
class log_test : public testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_), 0); }
  void TearDown() override {
    stop(10ms);
    close_reader();
    ::close(ends_[1]);
    set_level(log_level::info);
  }

  void start_log(log_level level = log_level::info, std::size_t queue = 4096) {
    start({.level = level, .format = log_format::text, .descriptor = ends_[1], .queue = queue});
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }
  // What is in the pipe now.
  std::string read_all() {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string all;
    char buffer[65536];
    for (;;) {
      const auto n = ::read(ends_[0], buffer, sizeof buffer);
      if (n <= 0) return all;
      all.append(buffer, static_cast<std::size_t>(n));
    }
  }
  void fill_pipe() {
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
    const std::string block(4096, '.');
    while (::write(ends_[1], block.data(), block.size()) > 0) {
    }
    ::fcntl(ends_[1], F_SETFL, 0);
  }

  int ends_[2] = {-1, -1};
};

TEST_F(log_test, stop_writes_what_waits) {
  start_log();
  for (int i = 0; i < 100; ++i) info("line", {{"i", i}});
  stop(10s);
  const auto text = read_all();
  EXPECT_NE(text.find("line i=0\n"), std::string::npos);
  EXPECT_NE(text.find("line i=99\n"), std::string::npos);
}

TEST_F(log_test, a_level_that_is_off_is_neither_written_nor_counted_and_changes_at_run_time) {
  start_log(log_level::warning);
  const auto before = counts();
  info("unseen");
  EXPECT_FALSE(enabled(log_level::info));
  set_level(log_level::debug);
  debug("seen");
  trace("unseen");
  stop(10s);
  const auto text = read_all();
  EXPECT_EQ(text.find("unseen"), std::string::npos);
  EXPECT_NE(text.find("debug   seen"), std::string::npos);
  const auto after = counts();
  EXPECT_EQ(after[0] - before[0], 0U);
  EXPECT_EQ(after[1] - before[1], 1U);
  EXPECT_EQ(after[2] - before[2], 0U);
}

TEST_F(log_test, an_audit_record_is_written_whatever_the_level) {
  start_log(log_level::error);
  audit("seek", {{"topic", "event"}});
  stop(10s);
  EXPECT_NE(read_all().find("audit   seek topic=event"), std::string::npos);
}

TEST_F(log_test, a_blocked_pipe_holds_up_neither_the_caller_nor_the_stop_and_what_is_lost_is_counted) {
  fill_pipe();
  start_log(log_level::info, 64);
  const auto before = dropped();
  for (int i = 0; i < 1000; ++i) info("line");
  stop(50ms); // the time limit of the test is the assertion
  EXPECT_EQ(dropped() - before, 1000U);
}

TEST_F(log_test, a_pipe_that_flows_again_is_told_how_many_lines_it_missed) {
  fill_pipe();
  start_log(log_level::info, 64);
  for (int i = 0; i < 1000; ++i) info("line");
  std::string text;
  while (text.find("log lines were dropped") == std::string::npos) text += read_all();
  stop(10s);
  EXPECT_NE(text.find(" lines="), std::string::npos);
}

TEST_F(log_test, a_closed_pipe_ends_nothing) {
  start_log();
  close_reader();
  const auto before = dropped();
  for (int i = 0; i < 10; ++i) info("line");
  stop(10s);
  EXPECT_GE(dropped() - before, 10U);
}

TEST_F(log_test, lines_of_many_threads_stay_whole) {
  start_log(log_level::info, 4096);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 100; ++i) info("line", {{"t", t}});
    });
  for (auto& thread : threads) thread.join();
  stop(10s);
  const auto text = read_all();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 400);
}

TEST_F(log_test, is_silent_before_start_and_after_stop) {
  const auto before = counts();
  info("nobody hears it");
  EXPECT_EQ(counts()[2] - before[2], 1U);
  start_log();
  stop(10s);
  info("nobody hears it");
  EXPECT_EQ(read_all(), "");
}

TEST(occasionally, is_due_first_and_then_once_in_each_interval_with_the_count_between) {
  occasionally limiter(10s);
  const occasionally::clock::time_point start_time{1h};
  EXPECT_EQ(limiter.due(start_time), 0U);
  EXPECT_EQ(limiter.due(start_time + 1s), std::nullopt);
  EXPECT_EQ(limiter.due(start_time + 9999ms), std::nullopt);
  EXPECT_EQ(limiter.due(start_time + 10s), 2U);
  EXPECT_EQ(limiter.due(start_time + 19s), std::nullopt);
  EXPECT_EQ(limiter.due(start_time + 30s), 1U);
}

TEST(level_from, knows_the_names_it_writes) {
  for (const auto level : {log_level::trace, log_level::debug, log_level::info, log_level::warning, log_level::error})
    EXPECT_EQ(level_from(to_string(level)), level);
  EXPECT_EQ(level_from("warn"), std::nullopt);
}

} // namespace
} // namespace tocsin::observe::log
