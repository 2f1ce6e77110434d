// Kafka or the endpoint is away: at the start, or in the middle. Events wait; none is lost and none is given up.
#include "scene.hpp"

#include <thread>

namespace tocsin::integration {
namespace {

using support::kafka_broker;
using support::receiver;
using support::relay;

bool endpoint_is(const relay& r, std::string_view state, std::chrono::milliseconds limit) {
  return r.wait_until(
      [&](const boost::json::object& status) { return status.at("endpoint").as_object().at("state").as_string() == state; },
      limit);
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(outage, goes_on_after_the_broker_was_away_for_ten_seconds) {
  kafka_broker broker;
  scene s(4, broker);
  s.events.produce_mixed(20'000, 500);
  s.events.flush();
  const receiver endpoint([](const support::arrival&) { return support::answer{200, R"({"code":0})", 5ms}; });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(endpoint.wait_for(3'000, 60s)) << tail(r);
  broker.stop();
  std::this_thread::sleep_for(10s); // the outage itself
  broker.start();
  ASSERT_TRUE(endpoint.wait_for(s.events.deliverable(), 120s)) << tail(r);
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  const auto end = r.stop();
  ASSERT_TRUE(end) << tail(r);
  EXPECT_EQ(end->code, 0);
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_TRUE(r.ledger_always_balanced());
}

TEST(outage, waits_for_a_broker_that_is_down_at_the_start) {
  kafka_broker broker;
  scene s(4, broker);
  s.events.produce_good(500);
  s.events.flush();
  broker.stop();
  const receiver endpoint;
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(r.wait_until([](const boost::json::object& status) { return status.at("state").as_string() != "running"; }, 20s))
      << tail(r);
  EXPECT_EQ(endpoint.count(), 0U);
  broker.start();
  ASSERT_TRUE(endpoint.wait_for(500, 60s)) << tail(r);
  const auto end = r.stop();
  ASSERT_TRUE(end) << tail(r);
  EXPECT_EQ(end->code, 0);
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
}

TEST(outage, waits_for_an_endpoint_that_is_down_at_the_start_and_says_so_once) {
  scene s;
  s.events.produce_good(2'000);
  s.events.flush();
  const auto port = support::free_port();
  auto options = s.options("http://127.0.0.1:" + std::to_string(port) + "/events");
  options.retry = {{"initial", "20ms"}, {"max", "500ms"}};
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint_is(r, "down", 60s)) << tail(r);
  const receiver endpoint(nullptr, port);
  ASSERT_TRUE(endpoint.wait_for(2'000, 90s)) << tail(r);
  ASSERT_TRUE(endpoint_is(r, "up", 10s)) << tail(r);
  ASSERT_TRUE(s.all_committed(30s));
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.sent_again, 0U);
  EXPECT_LE(lines_with(r.log(), "\n"), 40U) << "a line for every event, rather than for every change:\n" << tail(r);
}

TEST(outage, an_endpoint_that_goes_away_in_the_middle_costs_no_event) {
  scene s;
  s.events.produce_mixed(10'000, 500);
  s.events.flush();
  const auto slow = [](const support::arrival&) { return support::answer{200, R"({"code":0})", 5ms}; };
  receiver endpoint(slow);
  auto options = s.options(endpoint.url());
  options.retry = {{"initial", "20ms"}, {"max", "500ms"}};
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(3'000, 60s)) << tail(r);
  endpoint.close();
  ASSERT_TRUE(endpoint_is(r, "down", 60s)) << tail(r);
  const receiver again(slow, endpoint.port());
  ASSERT_TRUE(s.all_committed(120s)) << tail(r);
  ASSERT_TRUE(r.stop());
  auto arrivals = endpoint.arrivals();
  const auto later = again.arrivals();
  arrivals.insert(arrivals.end(), later.begin(), later.end());
  const auto v = s.judge(arrivals); // unexpected dead letters are among its faults: an outage is not an event's fault
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_TRUE(r.ledger_always_balanced());
}

} // namespace
} // namespace tocsin::integration
