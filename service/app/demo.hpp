// `tocsin demo`: the whole relay in one process, with librdkafka's own broker, a small endpoint that is not always well, and a
// stream of sample alerts. Needs no Kafka and no network.
#pragma once

#include "app/admin_listener.hpp"

#include <chrono>
#include <cstdint>

namespace tocsin::app {

struct demo_options {
  std::chrono::seconds length{15}; // 0: until Ctrl-C
  std::uint32_t events_per_second = 400;
};

// Returns the exit code: 0 where every event produced was delivered or otherwise settled, each host's in order.
[[nodiscard]] int run_demo(const demo_options&, admin_factory);

} // namespace tocsin::app
