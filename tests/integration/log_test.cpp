// The log that events in progress came from is gone: their topic has been deleted and made anew.
#include "scene.hpp"

#include <fmt/format.h>

#include <atomic>
#include <map>

namespace tocsin::integration {
namespace {

using support::kafka_broker;
using support::kafka_client;
using support::receiver;
using support::relay;

using properties = std::map<std::string, std::string>;
class log_of_a_topic : public ::testing::TestWithParam<std::pair<const char*, properties>> {};
class log_of_what_was_there_before : public log_of_a_topic {}; // with a broker of its own that is restarted: slow

constexpr int partitions = 2;
constexpr int keys = 10;

std::string body(std::string_view log, int n) { return fmt::format("{} {}", log, n); }

void produce(kafka_client& kafka, const std::string& topic, std::string_view log, int count) {
  for (int n = 0; n < count; ++n) {
    support::record made;
    made.partition = n % partitions;
    made.key = fmt::format("key {}", n % keys);
    made.value = body(log, n);
    kafka.produce(topic, made);
  }
  kafka.flush();
}

// Until the deletion is through.
void create_again(kafka_client& kafka, const std::string& topic) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    try {
      return kafka.create_topic(topic, partitions);
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
  }
}

// What was accepted of each key, in order.
std::map<int, std::vector<std::string>> by_key(const receiver& endpoint) {
  std::map<int, std::vector<std::string>> found;
  for (const auto& a : endpoint.arrivals())
    if (a.status == 200) found[std::stoi(a.body.substr(a.body.find(' '))) % keys].push_back(a.body);
  return found;
}

int accepted(const receiver& endpoint, std::string_view log) {
  int count = 0;
  for (const auto& a : endpoint.arrivals()) count += a.status == 200 && a.body.starts_with(log) ? 1 : 0;
  return count;
}

enum class old_ones { go_on, may_go_with_their_topic };

enum class before { nothing, leaders_change, another_cluster };

void lose_the_log(const std::string& name, const properties& group, kafka_broker& broker, before what_happens, old_ones what) {
  constexpr int old_events = 200, new_events = 40;
  const auto& brokers = broker.address();
  kafka_client kafka(brokers);
  support::relay_options options;
  options.brokers = brokers;
  options.topic = "anew-" + name;
  options.group = options.topic + "-group";
  options.properties = group;
  options.retry = {{"initial", "20ms"}, {"max", "200ms"}};
  kafka.create_topic(options.topic, partitions);
  std::atomic<bool> well{false};
  const receiver endpoint([&](const support::arrival&) { return support::answer{well ? 200U : 503U, "", 0us, ""}; });
  options.url = endpoint.url();
  relay r(options);
  r.start();
  produce(kafka, options.topic, "old", old_events);
  const auto received = [&r](int count) {
    return r.wait_until([&](const boost::json::object& s) { return relay::total(s, "received") >= count; }, 60s);
  };
  ASSERT_TRUE(received(old_events)) << tail(r);

  if (what_happens != before::nothing) {
    broker.stop();
    if (what_happens == before::another_cluster) broker.forget_everything();
    broker.start();
  }
  if (what_happens != before::another_cluster) kafka.delete_topic(options.topic);
  kafka_client later(brokers); // one that knows nothing of the topic before
  create_again(later, options.topic);
  produce(later, options.topic, "new", new_events);
  ASSERT_TRUE(received(old_events + new_events)) << tail(r);
  well = true;
  const auto all_new_ones_arrived = [&](const boost::json::object& s) {
    return relay::total(s, "in_progress") == 0 && accepted(endpoint, "new") >= new_events;
  };
  ASSERT_TRUE(r.wait_until(all_new_ones_arrived, 60s)) << tail(r);
  const auto end = r.stop();
  ASSERT_TRUE(end) << tail(r);
  EXPECT_EQ(end->code, 0) << tail(r);

  const auto arrived = by_key(endpoint);
  const bool old_ones_gone = what == old_ones::may_go_with_their_topic && arrived.at(0).front() == body("new", 0);
  for (int key = 0; key < keys; ++key) {
    std::vector<std::string> expected;
    for (int n = key; n < old_events && !old_ones_gone; n += keys) expected.push_back(body("old", n));
    for (int n = key; n < new_events; n += keys) expected.push_back(body("new", n));
    EXPECT_EQ(arrived.at(key), expected) << "key " << key << '\n' << tail(r);
  }
  const std::map<std::int32_t, std::int64_t> all{{0, new_events / partitions}, {1, new_events / partitions}};
  EXPECT_EQ(later.committed(options.group, options.topic), all) << tail(r);
  EXPECT_TRUE(r.ledger_always_balanced());
}

TEST_P(log_of_a_topic, made_anew_costs_no_event_of_either_and_no_order) {
  lose_the_log(GetParam().first, GetParam().second, kafka_broker::shared(), before::nothing, old_ones::go_on);
}

// Leaders of the new topic have changed less often than those of the old one, which librdkafka takes for old news (its issue
// 4898). With the consumer protocol the broker takes the partitions away as soon as the topic is gone, and nobody reads them
// again.
TEST_P(log_of_what_was_there_before, made_anew_after_a_change_of_leaders_is_read_all_the_same) {
  kafka_broker broker;
  const bool taken_away = std::string_view(GetParam().first) == "consumer";
  lose_the_log(GetParam().first, GetParam().second, broker, before::leaders_change,
               taken_away ? old_ones::may_go_with_their_topic : old_ones::go_on);
}

TEST_P(log_of_what_was_there_before, of_another_cluster_at_the_same_address_is_read_as_well) {
  kafka_broker broker;
  lose_the_log(GetParam().first, GetParam().second, broker, before::another_cluster, old_ones::may_go_with_their_topic);
}

INSTANTIATE_TEST_SUITE_P(protocols, log_of_a_topic,
                         ::testing::Values(std::pair("eager", properties{{"partition.assignment.strategy", "range"}}),
                                           std::pair("cooperative",
                                                     properties{{"partition.assignment.strategy", "cooperative-sticky"}}),
                                           std::pair("consumer", properties{{"group.protocol", "consumer"}})),
                         [](const auto& info) { return info.param.first; });

INSTANTIATE_TEST_SUITE_P(protocols, log_of_what_was_there_before,
                         ::testing::Values(std::pair("cooperative",
                                                     properties{{"partition.assignment.strategy", "cooperative-sticky"}}),
                                           std::pair("consumer", properties{{"group.protocol", "consumer"}})),
                         [](const auto& info) { return info.param.first; });

} // namespace
} // namespace tocsin::integration
