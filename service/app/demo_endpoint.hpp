// The endpoint of `tocsin demo`: takes alerts on a free loopback port, on a thread of its own, and is not always well: now and
// then it answers 503, some alerts it does not know, and every so often it is down for a while. It keeps book, so that the
// summary can say what arrived, in which order, and how often twice.
#pragma once

#include <cstdint>
#include <memory>

namespace tocsin::app {

struct demo_book {
  std::uint64_t requests = 0;     // all that came
  std::uint64_t accepted = 0;     // alerts taken, the first time
  std::uint64_t taken_twice = 0;  // alerts taken again
  std::uint64_t out_of_order = 0; // alerts older than one of the same host taken before
  std::uint64_t failed = 0;       // answered 503
  std::uint64_t unknown = 0;      // answered 400: the alert's host is not known here
  std::uint64_t outages = 0;
};

class demo_endpoint {
public:
  demo_endpoint(); // listens; throws std::runtime_error where it cannot
  ~demo_endpoint();
  demo_endpoint(const demo_endpoint&) = delete;
  demo_endpoint& operator=(const demo_endpoint&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] demo_book book() const; // any thread
  void stay_well();                     // no more failures, so that the end is quick; any thread

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::app
