// The relay is stopped or killed in the middle and started again.
#include "scene.hpp"

#include <csignal>

namespace tocsin::integration {
namespace {

using support::receiver;
using support::relay;

receiver::script slowly(std::chrono::microseconds after) {
  return [after](const support::arrival&) { return support::answer{200, R"({"code":0})", after}; };
}

// Answers the first ones at once, so that the relay goes up to its full concurrency, and the others never.
receiver::script hanging_after(std::size_t count) {
  return [count, seen = std::size_t{0}](const support::arrival&) mutable {
    return support::answer{200, R"({"code":0})", seen++ < count ? 0us : 300s};
  };
}

TEST(restart, a_clean_stop_in_the_middle_loses_nothing_and_sends_nothing_twice) {
  scene s;
  s.events.produce_mixed(30'000, 500);
  s.events.flush();
  const receiver endpoint(slowly(3ms));
  relay r(s.options(endpoint.url()));
  for (const std::size_t stop_after : {5'000U, 15'000U}) {
    r.start();
    ASSERT_TRUE(endpoint.wait_for(stop_after, 60s)) << tail(r);
    const auto end = r.stop();
    ASSERT_TRUE(end) << tail(r);
    ASSERT_EQ(end->code, 0) << tail(r);
  }
  ASSERT_LT(endpoint.count(), s.events.deliverable()) << "the stop came too late to be in the middle";
  r.start();
  ASSERT_TRUE(endpoint.wait_for(s.events.deliverable(), 60s)) << tail(r);
  ASSERT_TRUE(s.all_committed(30s)) << tail(r);
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.sent_again, 0U);
  EXPECT_EQ(v.dead_lettered_again, 0U);
  EXPECT_TRUE(r.ledger_always_balanced());
}

TEST(restart, kill_9_in_the_middle_loses_nothing_and_sends_at_most_max_uncommitted_twice) {
  constexpr std::size_t max_uncommitted = 1000;
  scene s;
  s.events.produce_mixed(30'000, 500);
  s.events.flush();
  const receiver endpoint(slowly(3ms));
  auto options = s.options(endpoint.url());
  options.delivery = {{"max_in_flight", "500"}, {"max_uncommitted", std::to_string(max_uncommitted)}};
  options.properties = {{"session.timeout.ms", "6000"}};
  relay r(options);
  constexpr std::size_t kills = 2;
  for (const std::size_t kill_after : {5'000U, 15'000U}) {
    r.start();
    ASSERT_TRUE(endpoint.wait_for(kill_after, 60s)) << tail(r);
    r.kill();
  }
  r.start();
  ASSERT_TRUE(s.all_committed(90s)) << tail(r);
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_GT(v.sent_again, 0U) << "the kill hit nothing in flight: the test shows nothing";
  EXPECT_LE(v.sent_again + v.dead_lettered_again, kills * max_uncommitted);
}

TEST(restart, a_stop_while_the_endpoint_hangs_ends_in_time_and_commits_nothing_unsettled) {
  scene s;
  s.events.produce_good(1'000);
  s.events.flush();
  receiver endpoint(hanging_after(400));
  auto options = s.options(endpoint.url());
  options.shutdown = {{"drain", "1s"}};
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(450, 60s)) << tail(r);
  const auto end = r.stop(15s);
  ASSERT_TRUE(end) << tail(r);
  EXPECT_EQ(end->code, 0) << tail(r);

  endpoint.close();
  const receiver living(nullptr, endpoint.port());
  r.start();
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  auto arrivals = endpoint.arrivals();
  arrivals.resize(400); // the others were never answered
  const auto later = living.arrivals();
  arrivals.insert(arrivals.end(), later.begin(), later.end());
  const auto v = s.judge(arrivals);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.sent_again, 0U) << "settled before the stop, and not committed";
}

TEST(restart, a_second_signal_ends_it_at_once) {
  scene s;
  s.events.produce_good(1'000);
  s.events.flush();
  const receiver endpoint(hanging_after(400));
  auto options = s.options(endpoint.url());
  options.shutdown = {{"drain", "300s"}};
  options.endpoint = {{"timeout", "300s"}};
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(450, 60s)) << tail(r);
  r.process().send(SIGTERM);
  ASSERT_TRUE(r.wait_until([](const boost::json::object& status) { return status.at("state").as_string() == "draining"; }, 20s))
      << tail(r);
  r.process().send(SIGTERM);
  ASSERT_TRUE(r.process().wait(10s)) << tail(r);
  std::int64_t committed = 0;
  for (const auto& [partition, offset] : s.kafka.committed(s.group, s.topic)) committed += offset;
  EXPECT_LE(committed, 400);
}

} // namespace
} // namespace tocsin::integration
