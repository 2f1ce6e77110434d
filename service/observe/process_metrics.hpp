// The metrics that every Prometheus client library has of its process (process_cpu_seconds_total and so on), from /proc.
#pragma once

#include <prometheus/collectable.h>

#include <filesystem>
#include <vector>

namespace tocsin::observe {

// Any thread. What /proc does not tell (another system, a sandbox) is left out rather than shown as 0.
class process_metrics final : public prometheus::Collectable {
public:
  explicit process_metrics(std::filesystem::path proc = "/proc");
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
  std::filesystem::path proc_;
};

} // namespace tocsin::observe
