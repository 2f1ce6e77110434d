// Questions that both the consumer and the admin client ask a cluster. Within this room; the client outlives the coroutine.
#pragma once

#include "kafka/admin_client.hpp"
#include "kafka/failure.hpp"
#include "kafka/handles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::kafka {

enum class isolation { read_uncommitted, read_committed };

struct admin_context {
  boost::asio::any_io_executor executor;
  rd_kafka_s* client = nullptr;
  std::chrono::milliseconds timeout{10000};
};

// In the order of `of`. `latest` is the high watermark, or with read_committed the first offset that cannot be read yet.
[[nodiscard]] boost::asio::awaitable<result<std::vector<found_offset>>>
ask_offsets(admin_context context, std::vector<topic_partition> of, offset_spec spec, isolation level);

// What tells a topic from another one of the same name (KIP-516), in the order of `topics`; none where there is no such topic,
// or the broker is too old to say (before 2.8).
[[nodiscard]] boost::asio::awaitable<result<std::vector<std::optional<std::string>>>>
ask_topic_ids(admin_context context, std::vector<std::string> topics);

// What tells a cluster from another one at the same address; none where the broker does not say.
[[nodiscard]] boost::asio::awaitable<result<std::optional<std::string>>> ask_cluster_id(admin_context context);

// In the order of `of`.
[[nodiscard]] boost::asio::awaitable<result<std::vector<group_offset>>>
ask_group_offsets(admin_context context, std::string group, std::vector<topic_partition> of);

} // namespace tocsin::kafka
