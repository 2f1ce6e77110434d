// The storage of observe::metrics; for metrics.cpp, which writes it, and metrics_collect.cpp, which reads it.
#pragma once

#include "observe/metrics.hpp"

#include <atomic>

namespace tocsin::observe {

inline constexpr std::size_t outcome_count = 5, settlement_count = 5, retry_reason_count = 8;
inline constexpr std::size_t status_slots = 501; // 0: none; 1..500: status 100..599
inline constexpr std::size_t kafka_error_codes = 64;

struct metrics::topic_cells {
  counter_cell received, bytes, gap_records;
  std::array<counter_cell, settlement_count> settled;
  std::vector<counter_cell> skipped, refused, dead_lettered; // in the layout's order; one more at the end: other
  histogram_cell<bounds::age> age;
};

struct metrics::cells {
  explicit cells(const metrics_layout& layout) : topics(layout.topics.size()) {
    for (topic_cells& topic : topics) {
      topic.skipped = std::vector<counter_cell>(layout.skip_rules.size() + 1);
      topic.refused = std::vector<counter_cell>(layout.refusal_reasons.size() + 1);
      topic.dead_lettered = std::vector<counter_cell>(layout.dead_letter_reasons.size() + 1);
    }
  }

  std::vector<topic_cells> topics;
  counter_cell dead_letter_errors;
  std::array<counter_cell, 3> expression_errors;
  std::array<gauge_cell, 4> in_progress;
  std::array<std::array<counter_cell, status_slots>, outcome_count> attempts;
  std::array<histogram_cell<bounds::attempt>, outcome_count> request_duration;
  std::array<histogram_cell<bounds::delivery>, settlement_count> delivery_duration;
  std::array<counter_cell, retry_reason_count> retries, connection_errors;
  gauge_cell endpoint_state, connections_active, connections_idle, in_flight, in_flight_limit;
  counter_cell connections_opened;
  std::array<gauge_cell, 4> paused;
  std::array<counter_cell, 3> rebalances;
  std::array<counter_cell, 2> commits;
  histogram_cell<bounds::loop> loop_lag;
  gauge_cell config_success{1};
  std::atomic<double> config_time{0};
  std::array<std::atomic<std::uint64_t>, 5> log_messages{}; // several writers
};

} // namespace tocsin::observe
