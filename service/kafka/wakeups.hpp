// Tells which of many librdkafka queues have something: a non-blocking pipe into which each queue writes its own number when it
// stops being empty. A queue writes once, then not again before it has been polled; with the pipe full (8,192 numbers unread) a
// number is lost, which is why its reader looks at every queue once a second whatever it has heard.
#pragma once

#include "kafka/handles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace tocsin::kafka {

class wakeups {
public:
  explicit wakeups(const boost::asio::any_io_executor& executor);
  ~wakeups(); // no queue writes any more
  wakeups(const wakeups&) = delete;
  wakeups& operator=(const wakeups&) = delete;

  void watch(rd_kafka_queue_s* queue, std::uint64_t number); // also safe for a queue that is watched already
  static void unwatch(rd_kafka_queue_s* queue) noexcept;

  // The numbers that are there now; empty: none. At most one reader.
  [[nodiscard]] std::span<const std::uint64_t> take();
  // As take(), but waits for at least one number or for interrupt().
  [[nodiscard]] boost::asio::awaitable<std::span<const std::uint64_t>> wait();
  void interrupt() noexcept;

private:
  boost::asio::posix::stream_descriptor read_end_;
  int write_end_ = -1;
  bool waiting_ = false;
  std::array<std::uint64_t, 512> numbers_{};
};

} // namespace tocsin::kafka
