// What the relay tells of itself: GET /v1/status and the per-partition gauges. Relay thread.
#pragma once

#include "app/control.hpp"
#include "app/flow.hpp"

namespace tocsin::app {

struct status_source {
  const config::settings& settings;
  app::flow& flow;
  const kafka::consumer& consumer;
  std::chrono::steady_clock::time_point began;
  bool draining = false;
  std::chrono::system_clock::time_point started_at;
};

// kafka.instance_id, or else the host's name: a pod's name in Kubernetes.
[[nodiscard]] std::string instance_name(const config::settings&);

[[nodiscard]] relay_status status_of(const status_source&);

void publish_partitions(flow&, const kafka::consumer&, observe::metrics&);

} // namespace tocsin::app
