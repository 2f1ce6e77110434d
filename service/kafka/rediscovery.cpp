#include "kafka/rediscovery.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace tocsin::kafka {
namespace {

constexpr auto first_pause = std::chrono::seconds(3);
constexpr auto longest_pause = std::chrono::seconds(60);

} // namespace

bool rediscovery::due(bool waiting, time_point now) noexcept {
  if (!waiting) {
    next_.reset();
    return false;
  }
  if (!next_) {
    pause_ = first_pause;
  } else if (now >= *next_) {
    pause_ = std::min<std::chrono::seconds>(pause_ * 2, longest_pause);
  } else {
    return false;
  }
  const bool first = !next_;
  next_ = now + pause_;
  return !first;
}

void name_brokers_again(rd_kafka_s* client, const std::string& brokers) { rd_kafka_brokers_add(client, brokers.c_str()); }

} // namespace tocsin::kafka
