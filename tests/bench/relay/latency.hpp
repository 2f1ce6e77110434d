// From produce() to arrival, at a steady rate: through the relay to an endpoint, and to a bare librdkafka consumer.
#pragma once

#include "events.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace tocsin::bench {

// Collected on any thread.
class latencies {
public:
  void add(std::string_view body); // a body with a mark, arriving now
  [[nodiscard]] std::size_t count() const;
  // In ms; of what arrived after the first `warm_up` of them.
  [[nodiscard]] double percentile(double which, std::size_t warm_up) const;

private:
  mutable std::mutex mutex_;
  std::vector<double> milliseconds_;
};

// Produces at this rate to the topic, on the calling thread, with linger.ms=0; returns when all is acknowledged.
void produce_steadily(const std::string& brokers, const std::string& topic, shape kind, std::size_t size, std::uint64_t count,
                      double per_second);

// Runs `meanwhile` while a consumer without a group reads the topic's partitions from the start; then waits for so many records.
[[nodiscard]] bool consume_bare(const std::string& brokers, const std::string& topic, int partitions, std::uint64_t count,
                                latencies& into, const std::function<void()>& meanwhile);

} // namespace tocsin::bench
