// Questions and orders to a cluster: topics, offsets. Each is one coroutine; failures are values. One executor's thread.
#pragma once

#include "kafka/blocking_pool.hpp"
#include "kafka/failure.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tocsin::kafka {

struct topic_partition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const topic_partition&) const = default;
};

struct new_topic {
  std::string name;
  std::int32_t partitions = 1;                             // 1 or more
  std::int32_t replication = 1;                            // -1: the broker's default
  std::vector<std::pair<std::string, std::string>> config; // e.g. {"retention.ms", "1000"}
};

struct topic_summary {
  std::string name;
  std::int32_t partitions = 0;
};

struct earliest {};
struct latest {};
struct at_time {
  std::int64_t unix_ms = 0;
}; // the first record at or after it
using offset_spec = std::variant<earliest, latest, at_time>;

struct found_offset {
  topic_partition where;
  std::optional<std::int64_t> offset; // none: no record at or after the time
  std::optional<failure> error;       // of this partition alone
};

struct group_offset {
  topic_partition where;
  std::optional<std::int64_t> offset; // none: not committed
  std::string metadata;
  std::optional<failure> error;
};

struct admin_options {
  std::string brokers;
  std::vector<std::pair<std::string, std::string>> properties;
  std::string client_id = "tocsin-admin";
  std::chrono::milliseconds timeout{10000}; // of each request
  log_function log;
};

class admin_client {
public:
  // Throws configuration_error.
  admin_client(boost::asio::any_io_executor executor, blocking_pool& pool, admin_options options);
  ~admin_client();
  admin_client(const admin_client&) = delete;
  admin_client& operator=(const admin_client&) = delete;

  // Code TOPIC_ALREADY_EXISTS where it does. Returns when every partition has a leader.
  [[nodiscard]] boost::asio::awaitable<result<void>> create_topic(new_topic topic);
  [[nodiscard]] boost::asio::awaitable<result<void>> delete_topic(std::string name);
  [[nodiscard]] boost::asio::awaitable<result<std::vector<topic_summary>>>
  list_topics(); // sorted by name, internal ones included
  [[nodiscard]] boost::asio::awaitable<result<std::vector<found_offset>>> list_offsets(std::vector<topic_partition> of,
                                                                                       offset_spec spec);
  [[nodiscard]] boost::asio::awaitable<result<std::vector<group_offset>>> group_offsets(std::string group,
                                                                                        std::vector<topic_partition> of);
  // Deletes every record below the offset, as retention would.
  [[nodiscard]] boost::asio::awaitable<result<void>> delete_records(topic_partition where, std::int64_t below);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::kafka
