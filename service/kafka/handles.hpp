// Owners of librdkafka's objects, for the other headers of this room: only kafka/*.cpp see rdkafka.h.
#pragma once

#include <memory>

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_op_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_error_s;
struct rd_kafka_mock_cluster_s;

namespace tocsin::kafka {

struct handle_deleter {
  void operator()(rd_kafka_s* client) const noexcept; // without closing a consumer: consumer::close() has done that
  void operator()(rd_kafka_conf_s* conf) const noexcept;
  void operator()(rd_kafka_op_s* event) const noexcept;
  void operator()(rd_kafka_queue_s* queue) const noexcept;
  void operator()(rd_kafka_topic_partition_list_s* list) const noexcept;
  void operator()(rd_kafka_error_s* error) const noexcept;
  void operator()(rd_kafka_mock_cluster_s* cluster) const noexcept;
};

template <class T>
using handle = std::unique_ptr<T, handle_deleter>;

using client_handle = handle<rd_kafka_s>;
using conf_handle = handle<rd_kafka_conf_s>;
using event_handle = handle<rd_kafka_op_s>;
using queue_handle = handle<rd_kafka_queue_s>;
using partition_list_handle = handle<rd_kafka_topic_partition_list_s>;
using error_handle = handle<rd_kafka_error_s>;
using mock_cluster_handle = handle<rd_kafka_mock_cluster_s>;

} // namespace tocsin::kafka
