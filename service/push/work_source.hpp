// The seam between the connections and whoever decides what is sent when. All calls come from the relay thread, none of them from
// inside another one of the same source.
#pragma once

#include "delivery/outcome.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::push {

struct outgoing {
  std::uint64_t id = 0;
  std::string_view body;
  // Complete header lines "Name: value\r\n"…; like the body valid until finished() or withdraw(). Nobody checks them again.
  std::string_view headers;
};

class work_source {
public:
  work_source() = default;
  virtual ~work_source() = default;
  work_source(const work_source&) = delete;
  work_source& operator=(const work_source&) = delete;

  // How many connections should be at work or opening now: 0 while the endpoint is closed, 1 while it is probed, otherwise what
  // is in flight plus what could be sent at once. A number that is too large only costs wake-ups for nothing.
  virtual std::size_t connections_wanted() = 0;

  // The next attempt, which begins with this call; none: nothing to send now. The first asks come right after wake().
  virtual std::optional<outgoing> next() = 0;

  // Asked where a connection had to be opened between next() and the bytes (a stale connection was replaced).
  virtual bool may_send(std::uint64_t id) = 0;

  // The attempt has not reached the endpoint and is not made: it counts for nothing.
  virtual void withdraw(std::uint64_t id) = 0;

  // The attempt's end. next() may be called right after it.
  virtual void finished(std::uint64_t id, const delivery::attempt_result&, std::chrono::nanoseconds took) = 0;

  // A connection could not be opened (dns, connect, tls). No event is concerned: attempts begin on open connections.
  virtual void connect_failed(delivery::retry_reason, std::string_view detail) = 0;
};

// What is worth counting or saying about connections.
class probe {
public:
  probe() = default;
  virtual ~probe() = default;
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;

  virtual void connection_opened() = 0;
  virtual void
      connection_error(delivery::retry_reason) = 0; // dns, connect, tls, reset, timeout, protocol; a stale connection is none
  virtual void expression_failed() = 0;             // a response rule that could not be evaluated
  virtual void problem(std::string_view text) = 0;  // for the log: a secret that cannot be read again, and the like
};

} // namespace tocsin::push
