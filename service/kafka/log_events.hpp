// librdkafka's log lines, read from its events.
#pragma once

#include "kafka/failure.hpp"

#include <string_view>

struct rd_kafka_op_s;

namespace tocsin::kafka {

struct client_log_line {
  kafka::severity severity = severity::debug;
  std::string_view facility; // FAIL, CONFWARN, ...
  std::string_view text;
  bool about_connections = false; // one connection could not be made, or broke
};

// Valid as long as the event.
[[nodiscard]] client_log_line read_log_event(rd_kafka_op_s* event);

} // namespace tocsin::kafka
