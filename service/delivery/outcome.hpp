// The vocabulary of an attempt's end: what push reports, what delivery decides on, what metrics and logs call it. No I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::delivery {

// What one attempt came to (design 7).
enum class outcome : std::uint8_t {
  delivered,      // the endpoint accepted the event
  skipped,        // a response rule says that the event is done with, under a name
  rejected,       // the event's fault: to the dead letters
  try_again,      // unclear or temporary; counts against the endpoint's health
  endpoint_fault, // the endpoint's fault: wait, probe; never counted against the event
};

// Why an attempt has to be made again: the label `reason` of tocsin_retries_total.
enum class retry_reason : std::uint8_t { none, status, timeout, connect, dns, tls, reset, protocol };

// How an event left the relay: the label `outcome` of tocsin_events_settled_total.
enum class settlement : std::uint8_t { delivered, skipped, dead_lettered, dropped, returned };

[[nodiscard]] std::string_view to_string(outcome) noexcept;
[[nodiscard]] std::string_view to_string(retry_reason) noexcept;
[[nodiscard]] std::string_view to_string(settlement) noexcept;

// What the pusher says of one attempt.
struct attempt_result {
  delivery::outcome outcome = outcome::try_again;
  retry_reason reason = retry_reason::none;             // set for try_again and endpoint_fault
  unsigned status = 0;                                  // HTTP status; 0: no answer
  std::optional<std::chrono::milliseconds> retry_after; // asked for by the endpoint; any size, delivery clamps it
  std::string rule;                                     // name of the response rule's skip; empty otherwise
  std::string detail;                                   // for people, at most 200 characters, no line breaks, no payload
};

} // namespace tocsin::delivery
