// Two relays in one group, with each of the protocols that assign partitions.
#include "scene.hpp"

namespace tocsin::integration {
namespace {

using support::receiver;
using support::relay;

using properties = std::map<std::string, std::string>;
bool has_partitions(const relay& r, std::size_t count, std::chrono::milliseconds limit) {
  return r.wait_until([&](const boost::json::object& status) { return status.at("partitions").as_array().size() == count; },
                      limit);
}

class protocol : public ::testing::TestWithParam<std::pair<const char*, properties>> {};

TEST_P(protocol, hands_partitions_over_without_losing_or_repeating_an_event) {
  scene s;
  s.events.produce_mixed(5'000, 500);
  s.events.flush();
  const receiver endpoint([](const support::arrival&) { return support::answer{200, R"({"code":0})", 10ms}; });
  auto options = s.options(endpoint.url());
  options.properties = GetParam().second;
  relay one(options), other(options);
  one.start();
  ASSERT_TRUE(has_partitions(one, 4, 60s)) << tail(one);
  ASSERT_TRUE(endpoint.wait_for(1'000, 60s)) << tail(one);
  other.start();
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!has_partitions(other, 2, 100ms) || !has_partitions(one, 2, 100ms)) { // events go on coming all the while
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << tail(one) << tail(other);
    s.events.produce_mixed(500, 250);
    s.events.flush();
  }
  s.events.produce_mixed(5'000, 500);
  s.events.flush();
  const auto end = one.stop();
  ASSERT_TRUE(end) << tail(one);
  EXPECT_EQ(end->code, 0) << tail(one);
  ASSERT_TRUE(has_partitions(other, 4, 60s)) << tail(other);
  ASSERT_TRUE(s.all_committed(120s)) << tail(other);
  ASSERT_TRUE(other.stop()) << tail(other);
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(one) << tail(other);
  EXPECT_EQ(v.sent_again, 0U) << tail(one) << tail(other);
  EXPECT_TRUE(one.ledger_always_balanced());
  EXPECT_TRUE(other.ledger_always_balanced());
}

INSTANTIATE_TEST_SUITE_P(group, protocol,
                         ::testing::Values(std::pair("eager", properties{{"partition.assignment.strategy", "range"}}),
                                           std::pair("cooperative",
                                                     properties{{"partition.assignment.strategy", "cooperative-sticky"}}),
                                           std::pair("consumer", properties{{"group.protocol", "consumer"}})),
                         [](const auto& info) { return info.param.first; });

// The offsets of all partitions that have been committed, or read, of one relay's.
std::int64_t sum_of(const relay& r, const char* what) {
  std::int64_t sum = 0;
  if (const auto status = r.status())
    for (const auto& partition : status->at("partitions").as_array())
      if (const auto& offset = partition.at(what); offset.is_number()) sum += offset.to_number<std::int64_t>();
  return sum;
}

// A member that has been killed and comes back under another name keeps the group waiting until its old session is over. Commits
// of the others stay unanswered as long (they stand behind a JoinGroup), and are then refused once.
TEST(group, a_stop_while_the_group_waits_for_a_dead_member_repeats_nothing) {
  scene s;
  const receiver endpoint;
  auto options = s.options(endpoint.url());
  options.properties = {
      {"partition.assignment.strategy", "cooperative-sticky"}, {"session.timeout.ms", "8000"}, {"heartbeat.interval.ms", "300"}};
  relay one(options), other(options);
  one.start();
  other.start();
  ASSERT_TRUE(has_partitions(one, 2, 60s)) << tail(one);
  ASSERT_TRUE(has_partitions(other, 2, 60s)) << tail(other);
  other.kill();
  other.start();
  // Until commits stand still: all events have come, and for two seconds (twice commit_interval) their offsets do not.
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::int64_t before = 0;
  do {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "commits never stood still\n" << tail(one);
    before = sum_of(one, "position");
    s.events.produce_good(200);
    s.events.flush();
    ASSERT_TRUE(one.wait_until([&](const auto&) { return sum_of(one, "position") > before; }, 30s)) << tail(one);
  } while (one.wait_until([&](const auto&) { return sum_of(one, "committed") == sum_of(one, "position"); }, 2s));
  const auto end = one.stop(30s);
  ASSERT_TRUE(end) << tail(one);
  EXPECT_EQ(end->code, 0) << tail(one);
  ASSERT_TRUE(has_partitions(other, 4, 60s)) << tail(other);
  ASSERT_TRUE(s.all_committed(60s)) << tail(other);
  ASSERT_TRUE(other.stop()) << tail(other);
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(one) << tail(other);
  EXPECT_EQ(v.sent_again, 0U) << tail(one) << tail(other);
}

} // namespace
} // namespace tocsin::integration
