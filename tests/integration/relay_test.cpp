// The whole way of many events: what arrives, what is dead-lettered, and whether the ledger agrees.
#include "scene.hpp"

#include <fmt/format.h>

namespace tocsin::integration {
namespace {

using support::receiver;
using support::relay;

std::uint64_t metric(const std::string& text, const std::string& series) {
  const auto at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : static_cast<std::uint64_t>(std::stod(text.substr(at + series.size() + 2)));
}

void expect_all_settled(scene& s, relay& r, const receiver& endpoint) {
  ASSERT_TRUE(s.settled(r, 180s)) << tail(r);
  const auto status = r.status();
  ASSERT_TRUE(status);
  EXPECT_EQ(relay::total(*status, "received"), static_cast<std::int64_t>(s.events.produced()));
  EXPECT_EQ(relay::total(*status, "delivered"), static_cast<std::int64_t>(s.events.deliverable()));
  EXPECT_EQ(relay::total(*status, "dead_lettered"), static_cast<std::int64_t>(s.events.refusable()));
  EXPECT_TRUE(r.ledger_always_balanced());
  const auto metrics = r.metrics();
  EXPECT_EQ(metric(metrics, fmt::format("tocsin_events_received_total{{topic=\"{}\"}}", s.topic)), s.events.produced());
  EXPECT_EQ(metric(metrics, fmt::format("tocsin_events_settled_total{{topic=\"{}\",outcome=\"delivered\"}}", s.topic)),
            s.events.deliverable());
  EXPECT_EQ(metric(metrics, fmt::format("tocsin_events_settled_total{{topic=\"{}\",outcome=\"dead_lettered\"}}", s.topic)),
            s.events.refusable());

  const auto end = r.stop();
  ASSERT_TRUE(end) << tail(r);
  EXPECT_EQ(end->code, 0) << tail(r);
  EXPECT_TRUE(s.all_committed(5s));
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.sent_again, 0U);
  EXPECT_EQ(v.dead_lettered_again, 0U);
}

TEST(relay, every_one_of_200000_events_has_its_outcome) {
  scene s;
  s.events.produce_mixed(200'000, 100);
  s.events.flush();
  const receiver endpoint;
  relay r(s.options(endpoint.url()));
  r.start();
  expect_all_settled(s, r, endpoint);
}

TEST(relay, every_odd_event_has_its_outcome_and_its_neighbours_are_delivered) {
  scene s;
  s.events.produce_good(20);
  s.events.produce_odd();
  s.events.produce_good(20);
  s.events.flush();
  const receiver endpoint;
  relay r(s.options(endpoint.url()));
  r.start();
  expect_all_settled(s, r, endpoint);
}

TEST(relay, events_are_relayed_as_they_come) {
  scene s;
  const receiver endpoint;
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(r.wait_until([](const boost::json::object& status) { return status.at("state").as_string() == "running"; }, 30s))
      << tail(r);
  for (std::size_t seen = 0; seen < 50; ++seen) { // one after the other: none waits for the next
    s.events.produce_good(1);
    s.events.flush();
    ASSERT_TRUE(endpoint.wait_for(seen + 1, 20s)) << "event " << seen << "; " << tail(r);
  }
  expect_all_settled(s, r, endpoint);
}

TEST(relay, bytes_are_relayed_byte_for_byte_where_nothing_looks_inside) {
  scene s(1);
  const std::vector<std::string> bodies{"", "not json", std::string("\0\xff\xc3 zero", 8), "{ \"a\" : 1e5 }\n",
                                        std::string(60'000, 'x')};
  for (const auto& body : bodies) s.kafka.produce(s.topic, {0, "k", body, {}});
  s.kafka.flush();
  const receiver endpoint;
  auto options = s.options(endpoint.url());
  options.guance = false;
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(bodies.size(), 30s)) << tail(r);
  const auto arrivals = endpoint.arrivals();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    EXPECT_EQ(arrivals[i].body, bodies[i]);
    EXPECT_EQ(arrivals[i].id, fmt::format("{}-0-{}", s.topic, i));
  }
  ASSERT_TRUE(r.stop()) << tail(r);
}

// The endpoint's answers, by the rules of the original bridge.
TEST(relay, an_answer_decides_between_delivered_skipped_and_dead_lettered) {
  scene s(1);
  s.events.produce_good(3, 1);
  s.events.flush();
  const receiver endpoint([](const support::arrival& what) -> support::answer {
    if (what.id.ends_with("-0")) return {400, R"({"error":"alert does not match: not match any cmdb instance"})"};
    if (what.id.ends_with("-1")) return {200, R"({"code":17})"};
    return {};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(s.settled(r, 30s)) << tail(r);
  const auto status = r.status();
  ASSERT_TRUE(status);
  EXPECT_EQ(relay::total(*status, "skipped"), 1);
  EXPECT_EQ(relay::total(*status, "delivered"), 1);
  EXPECT_EQ(relay::total(*status, "dead_lettered"), 1);
  EXPECT_EQ(
      metric(r.metrics(), fmt::format("tocsin_events_skipped_total{{topic=\"{}\",rule=\"no_matching_instance\"}}", s.topic)), 1U);
  const auto letters = s.kafka.read_all(s.dead_letter);
  ASSERT_EQ(letters.size(), 1U);
  std::map<std::string, std::string> headers(letters[0].headers.begin(), letters[0].headers.end());
  EXPECT_EQ(headers["tocsin-reason"], "rejected");
  EXPECT_EQ(headers["tocsin-status"], "200");
  EXPECT_EQ(headers["tocsin-attempts"], "1");
  EXPECT_EQ(headers["tocsin-topic"], s.topic);
  EXPECT_EQ(headers["tocsin-offset"], "1");
  ASSERT_TRUE(r.stop()) << tail(r);
}

TEST(relay, a_failed_attempt_is_made_again_and_its_key_waits_for_it) {
  scene s;
  s.events.produce_good(2'000, 50);
  s.events.flush();
  std::map<std::string, int> tries;
  const receiver endpoint([&tries](const support::arrival& what) -> support::answer {
    if (++tries[what.id] == 1 && std::hash<std::string>{}(what.id) % 20 == 0) return {500, "busy"};
    return {};
  });
  auto options = s.options(endpoint.url());
  options.retry = {{"initial", "20ms"}, {"max", "100ms"}};
  relay r(options);
  r.start();
  ASSERT_TRUE(s.settled(r, 60s)) << tail(r);
  ASSERT_TRUE(r.stop()) << tail(r);
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.sent_again, 0U);
  EXPECT_GT(endpoint.count(), s.events.produced());
}

} // namespace
} // namespace tocsin::integration
