#include "api/admin_metrics.hpp"

#include "observe/family.hpp"
#include "runtime/assertion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::api {

using observe::family;

admin_metrics::admin_metrics(std::vector<std::string> routes, std::vector<std::string> actions)
    : routes_(std::move(routes)), actions_(std::move(actions)), requests_(routes_.size() + 1), mutations_(actions_.size()) {
  routes_.emplace_back("other");
}

void admin_metrics::answered(std::string_view route, unsigned status) noexcept {
  TOCSIN_ASSERT(status < 600);
  const auto found = std::min(std::find(routes_.begin(), routes_.end(), route), routes_.end() - 1);
  requests_[static_cast<std::size_t>(found - routes_.begin())][status].add();
}

void admin_metrics::mutated(std::string_view action, mutation_outcome outcome) noexcept {
  const auto found = std::find(actions_.begin(), actions_.end(), action);
  TOCSIN_ASSERT(found != actions_.end());
  mutations_[static_cast<std::size_t>(found - actions_.begin())][static_cast<std::size_t>(outcome)].add();
}

void admin_metrics::loop_lag(std::chrono::nanoseconds lag) noexcept { loop_lag_.observe(lag); }

std::vector<prometheus::MetricFamily> admin_metrics::Collect() const {
  family requests =
      family::counter("tocsin_admin_requests_total", "Requests to the ops and the admin listener, by route and status.");
  for (std::size_t route = 0; route < routes_.size(); ++route) {
    const unsigned usual = route + 1 < routes_.size() ? 200 : 404; // stands there from the start
    for (unsigned status = 0; status < 600; ++status)
      if (status == usual || requests_[route][status].value() > 0)
        requests.add({{"route", routes_[route]}, {"code", fmt::to_string(status)}}, requests_[route][status]);
  }
  family mutations = family::counter("tocsin_admin_mutations_total", "What operators changed, by action and outcome.");
  constexpr std::string_view outcomes[]{"ok", "refused", "failed"};
  for (std::size_t action = 0; action < actions_.size(); ++action)
    for (std::size_t outcome = 0; outcome < std::size(outcomes); ++outcome)
      mutations.add({{"action", actions_[action]}, {"outcome", outcomes[outcome]}}, mutations_[action][outcome]);
  family lag = family::histogram("tocsin_loop_lag_seconds", "By how much a timer of the thread fired too late.");
  lag.add({{"loop", "admin"}}, loop_lag_);
  return {requests.take(), mutations.take(), lag.take()};
}

} // namespace tocsin::api
