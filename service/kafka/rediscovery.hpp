// librdkafka drops every broker that a cluster's metadata does not name, those of `bootstrap.servers` too, and a broker that is
// shutting down may name none. Whether it looks for any again depends on which of its threads is first (2.14; librdkafka issue
// 5301): a client can be left with no broker for good. The way back is to name them to it once more.
#pragma once

#include <chrono>
#include <optional>
#include <string>

struct rd_kafka_s;

namespace tocsin::kafka {

// When to do that: three seconds after something has been waited for in vain, and again after twice the time, up to a minute.
class rediscovery {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void answered() noexcept { next_.reset(); }
  // To be called every now and then. `waiting`: something has been asked for and not been answered.
  [[nodiscard]] bool due(bool waiting, time_point now) noexcept;

private:
  std::optional<time_point> next_;
  std::chrono::seconds pause_{};
};

// Brokers that the client knows stay as they are. It keeps a copy of the text each time. Does not wait for any connection.
void name_brokers_again(rd_kafka_s* client, const std::string& brokers);

} // namespace tocsin::kafka
