// From produce() to arrival, at a steady rate: at a bare librdkafka consumer, and through the relay at an endpoint.
#pragma once

#include "events.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct rd_kafka_s;

namespace tocsin::support {
class kafka_client;
}

namespace tocsin::bench {

// Collected on any thread.
class latencies {
public:
  using clock = std::chrono::steady_clock;
  void add(std::string_view body, clock::time_point when = clock::now()); // a body with a mark, and when it arrived
  void forget();                                                          // what has been collected: the warm-up
  // True once so many have been collected; false after 30 s.
  [[nodiscard]] bool wait_for(std::size_t count) const;
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] double percentile(double which, std::size_t from = 0) const; // in ms; of those that came after the first `from`

private:
  mutable std::mutex mutex_;
  std::vector<double> milliseconds_;
};

// Reads the partitions of a topic, from their start, with librdkafka's defaults on a thread of its own.
class bare_consumer {
public:
  bare_consumer(const std::string& brokers, const std::string& topic, int partitions, latencies& into);
  ~bare_consumer();
  bare_consumer(const bare_consumer&) = delete;
  bare_consumer& operator=(const bare_consumer&) = delete;

private:
  std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> consumer_;
  std::jthread reader_;
};

// An HTTP server on 127.0.0.1 that does as little as an endpoint can, on a thread of its own: notes when the machine had received
// the whole request and when the server has read it (its own thread may have had to wait for a processor), answers 200.
class arrival_endpoint {
public:
  arrival_endpoint(latencies& arrived, latencies& read);
  ~arrival_endpoint();
  arrival_endpoint(const arrival_endpoint&) = delete;
  arrival_endpoint& operator=(const arrival_endpoint&) = delete;
  [[nodiscard]] std::string url() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

// Produces events at this rate, a few each millisecond, on the calling thread; returns when all are acknowledged.
void produce_steadily(support::kafka_client& kafka, const std::string& topic, shape kind, std::size_t size, std::uint64_t count,
                      double per_second);

} // namespace tocsin::bench
