// Tells which of many librdkafka queues have something. Each has a bell, which librdkafka rings on its own threads when the queue
// stops being empty; one eventfd wakes the reader. Not a pipe: Linux wakes the reader of a pipe, as that of a socket, on the
// writer's processor and as soon as the writer pauses (a "sync" wake-up), that of an eventfd at once on whichever is idle.
#pragma once

#include "kafka/handles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace tocsin::kafka {

class wakeups {
public:
  class bell {
  public:
    bell(wakeups& owner, std::uint64_t number) noexcept : owner_(owner), number_(number) {}
    void ring() noexcept; // any thread; takes no lock. Once is as good as many times until the reader has taken the number

  private:
    friend class wakeups;
    wakeups& owner_;
    const std::uint64_t number_;
    std::atomic<bool> rung_ = false; // in the list of the rung ones
    bell* next_ = nullptr;           // there
  };

  explicit wakeups(const boost::asio::any_io_executor& executor);
  ~wakeups(); // no queue is watched any more
  wakeups(const wakeups&) = delete;
  wakeups& operator=(const wakeups&) = delete;

  void watch(rd_kafka_queue_s* queue, std::uint64_t number); // also safe for a queue that is watched already
  static void unwatch(rd_kafka_queue_s* queue) noexcept;     // when it returns, nobody rings for this queue

  [[nodiscard]] bell& bell_of(std::uint64_t number); // stays where it is as long as this

  // The numbers that have been rung, in the order of their ringing; empty: none. At most one reader, on one thread.
  [[nodiscard]] std::span<const std::uint64_t> take();
  // As take(), but waits for at least one number or for interrupt().
  [[nodiscard]] boost::asio::awaitable<std::span<const std::uint64_t>> wait();
  void interrupt() noexcept; // on the reader's thread

private:
  std::unordered_map<std::uint64_t, bell> bells_;
  std::atomic<bell*> rung_ = nullptr; // the last one first
  boost::asio::posix::stream_descriptor event_;
  std::vector<std::uint64_t> numbers_;
  bool waiting_ = false;
  bool interrupted_ = false;
};

} // namespace tocsin::kafka
