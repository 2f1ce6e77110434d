// What nearly every integration test has: the shared Kafka, a topic and a dead-letter topic of the test's own, and an oracle.
#pragma once

#include "oracle.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_client.hpp"
#include "support/receiver.hpp"
#include "support/relay.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::integration {

using namespace std::chrono_literals;

class scene {
public:
  explicit scene(int partitions = 4, support::kafka_broker& broker = support::kafka_broker::shared());

  support::kafka_client kafka;
  std::string topic, dead_letter, group;
  oracle events;

  // With the Guance schema, mapping and response rules.
  [[nodiscard]] support::relay_options options(const std::string& url) const;

  // Until all that was produced has been settled by this relay, counting from its start.
  [[nodiscard]] bool settled(const support::relay& relay, std::chrono::milliseconds limit) const;
  // Until the group has committed everything that was produced.
  [[nodiscard]] bool all_committed(std::chrono::milliseconds limit);

  // What the endpoint has accepted, and the dead letters, against what was produced.
  [[nodiscard]] verdict judge(const support::receiver& endpoint);
  [[nodiscard]] verdict judge(const std::vector<support::arrival>& arrivals);

private:
  std::string brokers_;
};

// Nothing lost, changed, out of order or unexpected. How much was sent again is for the test to say.
[[nodiscard]] ::testing::AssertionResult is_faultless(const verdict& v);

// The last lines of what the relay has written, for a failure's message.
[[nodiscard]] std::string tail(const support::relay& relay);

} // namespace tocsin::integration
