#include "observe/metrics.hpp"

#include "observe/metrics_cells.hpp"
#include "runtime/assertion.hpp"

#include <algorithm>

namespace tocsin::observe {
namespace {

template <typename Enum>
constexpr std::size_t index(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

// The place of a name, or one past the last: where `other` is counted.
std::size_t find(const std::vector<std::string>& names, std::string_view name) noexcept {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

void make_unique(std::vector<std::string>& names) {
  auto end = names.begin();
  for (auto it = names.begin(); it != names.end(); ++it)
    if (std::find(names.begin(), end, *it) == end) std::iter_swap(end++, it);
  names.erase(end, names.end());
}

metrics_layout checked(metrics_layout layout) {
  make_unique(layout.skip_rules);
  make_unique(layout.refusal_reasons);
  make_unique(layout.dead_letter_reasons);
  return layout;
}

double unix_seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::int64_t as_gauge(std::uint64_t value) noexcept { return static_cast<std::int64_t>(value); }

} // namespace

metrics::metrics(metrics_layout layout) : layout_(checked(std::move(layout))), cells_(std::make_unique<cells>(layout_)) {
  config_loaded(true, std::chrono::system_clock::now());
}

metrics::~metrics() = default;

std::size_t metrics::rule_index(std::string_view name) const noexcept { return find(layout_.skip_rules, name); }

std::optional<std::size_t> metrics::topic_index(std::string_view name) const noexcept {
  const std::size_t found = find(layout_.topics, name);
  return found < layout_.topics.size() ? std::optional(found) : std::nullopt;
}

void metrics::received(std::size_t topic, std::uint64_t bytes) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].received.add();
  cells_->topics[topic].bytes.add(bytes);
}

void metrics::settled(std::size_t topic, delivery::settlement how, std::chrono::nanoseconds since_reception) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].settled[index(how)].add();
  cells_->delivery_duration[index(how)].observe(since_reception);
}

void metrics::event_age(std::size_t topic, std::chrono::nanoseconds since_timestamp) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].age.observe(since_timestamp);
}

void metrics::skipped(std::size_t topic, std::size_t rule) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size() && rule <= layout_.skip_rules.size());
  cells_->topics[topic].skipped[rule].add();
}

void metrics::refused(std::size_t topic, std::string_view reason) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].refused[find(layout_.refusal_reasons, reason)].add();
}

void metrics::dead_lettered(std::size_t topic, std::string_view reason) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].dead_lettered[find(layout_.dead_letter_reasons, reason)].add();
}

void metrics::dead_letter_error() noexcept { cells_->dead_letter_errors.add(); }

void metrics::expression_error(expression_place where) noexcept { cells_->expression_errors[index(where)].add(); }

void metrics::in_progress(const progress& now) noexcept {
  cells_->in_progress[0].set(as_gauge(now.queued));
  cells_->in_progress[1].set(as_gauge(now.sending));
  cells_->in_progress[2].set(as_gauge(now.waiting_retry));
  cells_->in_progress[3].set(as_gauge(now.dead_lettering));
}

void metrics::attempt(delivery::outcome outcome, unsigned status, std::chrono::nanoseconds duration) noexcept {
  const std::size_t slot = status >= 100 && status <= 599 ? status - 99 : 0;
  cells_->attempts[index(outcome)][slot].add();
  cells_->request_duration[index(outcome)].observe(duration);
}

void metrics::retry(delivery::retry_reason reason) noexcept {
  if (reason != delivery::retry_reason::none) cells_->retries[index(reason)].add();
}

void metrics::set_endpoint_state(delivery::endpoint_state state) noexcept {
  cells_->endpoint_state.set(static_cast<std::int64_t>(state));
}

void metrics::connections(std::uint64_t active, std::uint64_t idle) noexcept {
  cells_->connections_active.set(as_gauge(active));
  cells_->connections_idle.set(as_gauge(idle));
}

void metrics::connection_opened() noexcept { cells_->connections_opened.add(); }

void metrics::connection_error(delivery::retry_reason reason) noexcept { cells_->connection_errors[index(reason)].add(); }

void metrics::in_flight(std::uint64_t now, std::uint64_t limit) noexcept {
  cells_->in_flight.set(as_gauge(now));
  cells_->in_flight_limit.set(as_gauge(limit));
}

void metrics::paused(pause_cause cause, bool is_paused) noexcept { cells_->paused[index(cause)].set(is_paused ? 1 : 0); }

void metrics::publish_partitions(std::vector<partition_gauges> partitions) {
  for (const partition_gauges& each : partitions) TOCSIN_ASSERT(each.topic < layout_.topics.size());
  const std::lock_guard lock(slow_);
  partitions_.swap(partitions);
}

void metrics::gap(std::size_t topic, std::uint64_t records) noexcept {
  TOCSIN_ASSERT(topic < cells_->topics.size());
  cells_->topics[topic].gap_records.add(records);
}

void metrics::rebalanced(rebalance type) noexcept { cells_->rebalances[index(type)].add(); }

void metrics::commit(commit_outcome outcome) noexcept { cells_->commits[index(outcome)].add(); }

void metrics::kafka_error(std::string_view code) {
  const std::lock_guard lock(slow_);
  auto found = kafka_errors_.find(code);
  if (found == kafka_errors_.end()) {
    const bool room = kafka_errors_.size() < kafka_error_codes;
    found = kafka_errors_.try_emplace(room ? std::string(code) : std::string("other"), 0).first;
  }
  ++found->second;
}

void metrics::loop_lag(std::chrono::nanoseconds lag) noexcept { cells_->loop_lag.observe(lag); }

void metrics::config_loaded(bool success, std::chrono::system_clock::time_point time) noexcept {
  cells_->config_success.set(success ? 1 : 0);
  if (success) cells_->config_time.store(unix_seconds(time), std::memory_order_relaxed);
}

} // namespace tocsin::observe
