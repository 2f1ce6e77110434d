// What the relay counts: a probe whose verbs are called as things happen, and which Prometheus reads. The families, their types
// and labels are those of docs/metrics.md, without the process's own (process_metrics.hpp) and the admin server's; log messages
// are counted by the log.
//
// Threads: every verb belongs to the relay thread, unless it says otherwise, and costs nanoseconds: no lock, no allocation, no
// look-up by name where an index is asked for. Collect() may be called from any thread.
#pragma once

#include "delivery/endpoint_health.hpp"
#include "delivery/outcome.hpp"
#include "observe/cells.hpp"

#include <prometheus/collectable.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::observe {

enum class pause_cause : std::uint8_t { operator_request, window, endpoint, drain };
enum class rebalance : std::uint8_t { assign, revoke, lost };
enum class commit_outcome : std::uint8_t { ok, failed };
enum class expression_place : std::uint8_t { order_by, skip, responses };

// What runs: `build_info`, GET /version.
struct build_info {
  std::string version, revision, librdkafka;
};

// What is known before the first event. A topic's index, wherever a verb asks for one, is its place in `topics`.
struct metrics_layout {
  build_info build;
  std::vector<std::string> topics;
  std::vector<std::string> skip_rules; // names under which skip and response rules skip; a name that stands twice is one
  std::vector<std::string> refusal_reasons{"not_json", "schema", "mapping", "too_large"};
  std::vector<std::string> dead_letter_reasons{"not_json",          "schema", "mapping", "too_large", "rejected",
                                               "retries_exhausted", "expired"};
};

// How many events are where, between reception and settlement.
struct progress {
  std::uint64_t queued = 0, sending = 0, waiting_retry = 0, dead_lettering = 0;
};

// A partition assigned to this process, as the relay sees it.
struct partition_gauges {
  std::size_t topic = 0;
  std::int32_t partition = 0;
  std::optional<std::int64_t> committed; // none before the first commit
  std::optional<std::int64_t> high, lag; // none while the watermark is not known
  // The record's timestamp; none where nothing is unsettled (the series says 0) or the record has none.
  std::optional<std::chrono::system_clock::time_point> oldest_unsettled;
};

// The bounds of the histograms, in nanoseconds.
namespace bounds {
inline constexpr std::int64_t us = 1'000, ms = 1'000'000, s = 1'000'000'000;
inline constexpr std::array attempt{500 * us, 1 * ms,   5 * ms / 2, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms,
                                    250 * ms, 500 * ms, 1 * s,      2 * s,  5 * s,   10 * s,  15 * s,  30 * s};
inline constexpr std::array delivery{1 * ms, 5 * ms / 2, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms, 250 * ms, 500 * ms,
                                     1 * s,  5 * s / 2,  5 * s,  10 * s,  30 * s,  60 * s,  300 * s,  900 * s,  3600 * s};
inline constexpr std::array age{1 * ms,    5 * ms / 2, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms, 250 * ms, 500 * ms, 1 * s,
                                5 * s / 2, 5 * s,      10 * s, 30 * s,  60 * s,  120 * s, 300 * s,  900 * s,  3600 * s};
inline constexpr std::array loop{100 * us, 500 * us, 1 * ms, 5 * ms, 10 * ms, 50 * ms, 100 * ms, 500 * ms, 1 * s, 5 * s, 10 * s};
} // namespace bounds

class metrics final : public prometheus::Collectable {
public:
  explicit metrics(metrics_layout);
  ~metrics() override;

  // The index of a skip rule's name, for skipped(). A name that the layout does not have gets the index of `other`.
  [[nodiscard]] std::size_t rule_index(std::string_view name) const noexcept;
  // The index of a topic of the layout; none where it is not there. A look-up: for assignments, not for events.
  [[nodiscard]] std::optional<std::size_t> topic_index(std::string_view name) const noexcept;

  // The way of an event. `bytes`: of the record's value.
  void received(std::size_t topic, std::uint64_t bytes) noexcept;
  void settled(std::size_t topic, delivery::settlement, std::chrono::nanoseconds since_reception) noexcept;
  void event_age(std::size_t topic, std::chrono::nanoseconds since_timestamp) noexcept; // at its acceptance by the endpoint
  void skipped(std::size_t topic, std::size_t rule) noexcept;
  // A reason that the layout does not have is counted as `other`.
  void refused(std::size_t topic, std::string_view reason) noexcept;
  void dead_lettered(std::size_t topic, std::string_view reason) noexcept; // once it is acknowledged
  void dead_letter_error() noexcept;
  void expression_error(expression_place) noexcept;
  void in_progress(const progress&) noexcept;

  // Attempts and the endpoint. `status`: of HTTP; 0, or beyond 100..599: none.
  void attempt(delivery::outcome, unsigned status, std::chrono::nanoseconds duration) noexcept;
  void retry(delivery::retry_reason) noexcept; // `none` is not counted
  void set_endpoint_state(delivery::endpoint_state) noexcept;
  void connections(std::uint64_t active, std::uint64_t idle) noexcept;
  void connection_opened() noexcept;
  void connection_error(delivery::retry_reason) noexcept; // `none` and `status`, which are none of a connection, do not show
  void in_flight(std::uint64_t now, std::uint64_t limit) noexcept;
  void paused(pause_cause, bool) noexcept;

  // Kafka. Everything assigned at present replaces what was published before; a second's rhythm is enough.
  void publish_partitions(std::vector<partition_gauges>);
  void gap(std::size_t topic, std::uint64_t records) noexcept;
  void rebalanced(rebalance) noexcept;
  void commit(commit_outcome) noexcept;
  void kafka_error(std::string_view code); // any thread; librdkafka's name of the code; beyond 64 of them: `other`

  // The process.
  void loop_lag(std::chrono::nanoseconds) noexcept; // by how much a timer of the relay thread fired too late
  void config_loaded(bool success, std::chrono::system_clock::time_point) noexcept;

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
  struct topic_cells;
  struct cells;

  metrics_layout layout_;
  std::unique_ptr<cells> cells_;
  // Written once a second or less often, and read by a scrape: a lock that nobody ever waits for.
  mutable std::mutex slow_;
  std::vector<partition_gauges> partitions_;
  std::map<std::string, std::uint64_t, std::less<>> kafka_errors_;

  friend class metrics_collection;
};

} // namespace tocsin::observe
