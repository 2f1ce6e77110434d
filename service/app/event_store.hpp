// What the relay keeps of an event in progress beside the engine's account of it: the record as it came, for the dead letters,
// and the request as it goes out. Places are the engine's (delivery::index_of): used again when an event has left, so that in
// steady flow nothing is allocated. Relay thread.
#pragma once

#include "delivery/event.hpp"
#include "delivery/outcome.hpp"
#include "kafka/record.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::app {

struct stored_event {
  std::optional<kafka::record> record; // detached; none: the place is free
  std::string mapped_body;             // empty where the value is sent as it is
  bool is_mapped = false;
  std::size_t topic = 0; // its place in kafka.topics
  std::string headers;   // of the request; made at the first attempt
  std::string reason;    // why it is a dead letter
  std::string detail;
  unsigned last_status = 0;
  std::uint32_t attempts = 0;
  delivery::retry_reason last_reason = delivery::retry_reason::none;

  [[nodiscard]] std::string_view body() const {
    return is_mapped ? std::string_view(mapped_body) : record->value().value_or(std::string_view());
  }
};

class event_store {
public:
  // The event that the engine has just taken in. `mapped`: exchanged for an empty string whose memory serves again; none: the
  // value goes out as it is.
  stored_event& put(delivery::event_id id, kafka::record record, std::size_t topic, std::string* mapped);
  [[nodiscard]] stored_event& at(delivery::event_id id) { return places_[delivery::index_of(id)]; }
  void remove(delivery::event_id id);

private:
  std::deque<stored_event> places_; // what body() and headers point into does not move while others come
};

// The headers that every request carries: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header, a structured string) and
// the record's trace context (W3C Trace Context) where it is well-formed. Nothing from a record can end a line.
void append_event_headers(std::string& to, const kafka::record& record);

} // namespace tocsin::app
