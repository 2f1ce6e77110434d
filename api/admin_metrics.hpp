// What the admin server counts of itself. Verbs: the admin thread; Collect(): any thread.
#pragma once

#include "observe/cells.hpp"
#include "observe/metrics.hpp"

#include <prometheus/collectable.h>

#include <array>
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::api {

enum class mutation_outcome { ok, refused, failed };

class admin_metrics final : public prometheus::Collectable {
public:
  // `routes`: the templates of the paths, the label `route`; `actions`: those of the mutations.
  admin_metrics(std::vector<std::string> routes, std::vector<std::string> actions);

  // A path that is in no route, or a request that was not read to its end, is counted as `other`.
  void answered(std::string_view route, unsigned status) noexcept;
  void mutated(std::string_view action, mutation_outcome) noexcept; // the action is one of those given
  void loop_lag(std::chrono::nanoseconds) noexcept;

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
  std::vector<std::string> routes_, actions_;
  std::vector<std::array<observe::counter_cell, 600>> requests_; // by route, then status
  std::vector<std::array<observe::counter_cell, 3>> mutations_;
  observe::histogram_cell<observe::bounds::loop> loop_lag_;
};

} // namespace tocsin::api
