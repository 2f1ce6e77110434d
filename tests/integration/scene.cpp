#include "scene.hpp"

#include <fmt/format.h>

#include <thread>

namespace tocsin::integration {
namespace {

std::string unique_name() {
  static int tests = 0;
  return fmt::format("event{}", ++tests);
}

} // namespace

scene::scene(int partitions, support::kafka_broker& broker)
    : kafka(broker.address()),
      topic(unique_name()),
      dead_letter(topic + ".dead-letter"),
      group(topic + "-group"),
      events(kafka, topic, partitions),
      brokers_(broker.address()) {
  kafka.create_topic(dead_letter, 1);
}

support::relay_options scene::options(const std::string& url) const {
  support::relay_options options;
  options.brokers = brokers_;
  options.topic = topic;
  options.group = group;
  options.url = url;
  options.dead_letter = dead_letter;
  options.guance = true;
  options.event = {{"max_bytes", fmt::format("{}", max_bytes)}};
  options.kafka = {{"start", "earliest"}};
  return options;
}

bool scene::settled(const support::relay& relay, std::chrono::milliseconds limit) const {
  return relay.wait_until(
      [this](const boost::json::object& status) {
        return support::relay::total(status, "received") >= static_cast<std::int64_t>(events.produced()) &&
               support::relay::total(status, "in_progress") == 0;
      },
      limit);
}

bool scene::all_committed(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto ends = kafka.high_offsets(topic);
  do {
    auto wanted = ends;
    std::erase_if(wanted, [](const auto& end) { return end.second == 0; }); // nothing to commit there
    if (kafka.committed(group, topic) == wanted) return true;
    std::this_thread::sleep_for(50ms); // between two questions
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

verdict scene::judge(const std::vector<support::arrival>& arrivals) {
  std::vector<support::arrival> accepted;
  for (const auto& arrival : arrivals)
    if (arrival.status == 200) accepted.push_back(arrival);
  return events.judge(accepted, kafka.read_all(dead_letter), group);
}

verdict scene::judge(const support::receiver& endpoint) { return judge(endpoint.arrivals()); }

::testing::AssertionResult is_faultless(const verdict& v) {
  if (v.lost + v.wrong_body + v.out_of_order + v.unexpected + v.wrong_reason == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << fmt::format(
             "{} lost, {} with a wrong body, {} out of order, {} unexpected, {} dead letters wrong; first: {}", v.lost,
             v.wrong_body, v.out_of_order, v.unexpected, v.wrong_reason, v.first);
}

std::string tail(const support::relay& relay) {
  auto log = relay.log();
  if (log.size() > 20000) log.erase(0, log.size() - 20000);
  return "the relay's log ends:\n" + log;
}

} // namespace tocsin::integration
