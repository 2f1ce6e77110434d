#include "kafka/log_events.hpp"

#include <librdkafka/rdkafka.h>

namespace tocsin::kafka {

client_log_line read_log_event(rd_kafka_op_s* event) {
  const char* facility = nullptr;
  const char* text = nullptr;
  int level = 7; // as syslog's
  client_log_line line;
  if (rd_kafka_event_log(event, &facility, &text, &level) != 0) return line;
  line.facility = facility;
  line.text = text;
  line.about_connections = line.facility == "FAIL" || line.facility == "ERROR";
  if (level <= 3)
    line.severity = severity::error;
  else if (level == 4)
    line.severity = severity::warning;
  return line;
}

} // namespace tocsin::kafka
