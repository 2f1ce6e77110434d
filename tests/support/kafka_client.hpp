// Kafka for the tests, on librdkafka itself and nothing of the relay's: what it says of topics and offsets is a second opinion.
// Every call blocks; a call that fails throws std::runtime_error with librdkafka's words.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::support {

using headers = std::vector<std::pair<std::string, std::string>>;

struct record {
  std::int32_t partition = -1; // -1: the partitioner's choice, by key (murmur2, as in Java)
  std::optional<std::string> key, value;
  support::headers headers;
  std::int64_t offset = -1;      // of a record that was read
  std::int64_t timestamp_ms = 0; // 0: now
};

class kafka_client {
public:
  // Properties of the producer, beside those that the tests want.
  explicit kafka_client(std::string brokers, const std::map<std::string, std::string>& properties = {});
  ~kafka_client();
  kafka_client(const kafka_client&) = delete;
  kafka_client& operator=(const kafka_client&) = delete;

  // Returns when the topic has a leader for every partition.
  void create_topic(std::string_view topic, int partitions, const std::map<std::string, std::string>& configuration = {});

  // Returns when the topic is gone from the metadata; what was in it is gone as well.
  void delete_topic(std::string_view topic);
  // Sets one property of a topic, or (no value) its default again.
  void configure_topic(std::string_view topic, const std::string& name, const std::optional<std::string>& value);

  // Queues it; librdkafka sends in the background. flush() returns when all is acknowledged (acks=all).
  void produce(std::string_view topic, const record& what);
  void flush();

  // One past the last record, by partition.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> high_offsets(std::string_view topic);
  // Everything that is in the topic now, by partition, then offset.
  [[nodiscard]] std::vector<record> read_all(std::string_view topic);
  // Of the group, by partition; partitions without one are absent.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> committed(std::string_view group, std::string_view topic);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace tocsin::support
