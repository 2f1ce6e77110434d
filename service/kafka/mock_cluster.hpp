// librdkafka's broker in this process, on random loopback ports: `tocsin demo` and the unit tests need no Kafka.
// It keeps 5 MiB or 100,000 batches a partition, in memory; it does not look up offsets by time and has no SASL, TLS or
// retention. Answers an empty fetch only after the client's fetch.wait.max.ms: keep that at 10 ms for it.
#pragma once

#include "kafka/handles.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::kafka {

enum class mock_request { produce, fetch, list_offsets, offset_commit, offset_fetch, find_coordinator, join_group, heartbeat };

class mock_cluster {
public:
  explicit mock_cluster(int brokers = 1); // throws std::runtime_error where it cannot listen
  ~mock_cluster();
  mock_cluster(const mock_cluster&) = delete;
  mock_cluster& operator=(const mock_cluster&) = delete;

  [[nodiscard]] std::string bootstrap() const; // host:port, comma-separated
  void create_topic(const std::string& name, int partitions);

  // Brokers are numbered from 1. A broker that is down refuses connections and forgets nothing.
  void set_down(int broker);
  void set_up(int broker);
  // A partition whose leader is no broker (none) can be neither written nor read, nor asked for its offsets.
  void set_leader(const std::string& topic, int partition, std::optional<int> broker);
  void set_round_trip(int broker, std::chrono::milliseconds time);

  // The next requests of this kind are answered with these errors, in order (librdkafka's names without RD_KAFKA_RESP_ERR_, e.g.
  // "REBALANCE_IN_PROGRESS"; "_TRANSPORT" closes the connection). An unknown name throws std::invalid_argument.
  void push_errors(mock_request kind, const std::vector<std::string>& names);
  void clear_errors(mock_request kind);

private:
  client_handle host_;
  mock_cluster_handle cluster_;
};

} // namespace tocsin::kafka
