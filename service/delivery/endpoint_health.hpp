// Whether the endpoint may be sent to, and how many attempts at once. A state machine without clock or I/O.
//
//   up ──(5 faults in a row, or half of the last 50, or Retry-After)──► down ──(back-off over)──► probing
//   ▲                                                                    ▲                          │
//   └───────────── one real event went through ─────────────────────────┼──────────────────────────┤
//                                                                        └──── it failed ───────────┘
// After a recovery, and at the start, the number of attempts at once grows from 1 by one for each success.
// The endpoint's failures never count against an event while it is not up (engine.hpp).
#pragma once

#include "delivery/clock.hpp"
#include "delivery/outcome.hpp"

#include <cstdint>
#include <optional>

namespace tocsin::delivery {

enum class endpoint_state : std::uint8_t { up, down, probing };
[[nodiscard]] std::string_view to_string(endpoint_state) noexcept;

struct health_limits {
  std::uint32_t connections = 64; // attempts at once when all is well; at least 1
  std::uint32_t faults_in_a_row = 5;
  std::uint32_t window = 50;                          // last results looked at, at most 64
  duration probe_initial = std::chrono::seconds(1);   // back-off before the first probe, doubled up to…
  duration probe_max = std::chrono::seconds(30);      // …this; up to a quarter more by jitter, never less
  duration retry_after_max = std::chrono::minutes(5); // a longer Retry-After is clamped to this
};

class endpoint_health {
public:
  endpoint_health(const health_limits&, std::uint64_t seed) noexcept;

  // The state at `now`: `down` turns into `probing` when its back-off is over.
  endpoint_state state(time_point now) noexcept;
  [[nodiscard]] endpoint_state last_state() const noexcept { return state_; }

  // How many more attempts may start now, given those of the current period that are in flight.
  std::uint32_t permits(time_point now) noexcept;

  // An attempt starts. The returned period belongs to it and comes back with its result.
  std::uint32_t started() noexcept;

  // An attempt ends. Results from before the last change of state are not news: only their Retry-After is obeyed.
  void finished(std::uint32_t period, outcome, std::optional<std::chrono::milliseconds> retry_after, time_point now) noexcept;

  // An attempt was given back unsent.
  void withdrawn(std::uint32_t period) noexcept;

  // A connection could not be opened; no event was involved.
  void connect_failed(time_point now) noexcept;

  // When the state will change by itself; `never` unless down.
  [[nodiscard]] time_point reopens_at() const noexcept { return state_ == endpoint_state::down ? closed_until_ : never; }
  [[nodiscard]] std::uint32_t limit() const noexcept;
  [[nodiscard]] std::uint32_t period() const noexcept { return period_; }
  [[nodiscard]] time_point since() const noexcept { return since_; }

  // How long the endpoint has been up in all: the clock of max_age.
  [[nodiscard]] duration time_up(time_point now) const noexcept;

private:
  void fault(time_point now) noexcept;
  void success(time_point now) noexcept;
  void close(duration at_least, time_point now) noexcept;
  void enter(endpoint_state, time_point now) noexcept;
  void remember(bool fault_seen) noexcept;

  health_limits limits_;
  random_source random_;
  endpoint_state state_ = endpoint_state::up;
  std::uint32_t period_ = 0;    // grows with every change of state
  std::uint32_t in_flight_ = 0; // attempts of this period
  std::uint32_t ramp_ = 1;      // attempts at once while up
  std::uint32_t in_a_row_ = 0;
  std::uint64_t history_ = 0; // bit n: the n-th last result was a fault
  std::uint32_t remembered_ = 0;
  duration backoff_{}; // of the next closure
  time_point closed_until_ = never;
  time_point since_{};
  duration up_before_{}; // time up in earlier periods
  bool started_once_ = false;
};

} // namespace tocsin::delivery
