// The alerts of `tocsin demo`: events of the shape of proto-free-schemas/guance, written to a topic at a steady rate from a
// thread of its own. One in a hundred is not as it should be, one in fifty is of a host that the endpoint does not know.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tocsin::app {

class demo_source {
public:
  demo_source(const std::string& brokers, std::string topic, std::uint32_t events_per_second);
  ~demo_source();
  demo_source(const demo_source&) = delete;
  demo_source& operator=(const demo_source&) = delete;

  void stop();                                           // no more events; returns when what was sent is acknowledged
  [[nodiscard]] std::uint64_t produced() const noexcept; // acknowledged by the broker; any thread

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::app
