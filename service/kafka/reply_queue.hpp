// Where librdkafka puts the answer to one question, and a coroutine waits for it.
#pragma once

#include "kafka/handles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace tocsin::kafka {

// Makes `queue` write a 8-byte 1 to the descriptor of an eventfd whenever it stops being empty. The queue keeps writing until it
// is told to stop, which must be before the descriptor is closed.
[[nodiscard]] boost::asio::posix::stream_descriptor make_event_descriptor(const boost::asio::any_io_executor& executor);
void signal_on(rd_kafka_queue_s* queue, boost::asio::posix::stream_descriptor& descriptor);
void stop_signals(rd_kafka_queue_s* queue) noexcept;

class reply_queue {
public:
  reply_queue(const boost::asio::any_io_executor& executor, rd_kafka_s* client);
  ~reply_queue(); // answers that come later are dropped
  reply_queue(const reply_queue&) = delete;
  reply_queue& operator=(const reply_queue&) = delete;

  [[nodiscard]] rd_kafka_queue_s* get() const noexcept { return queue_.get(); }
  [[nodiscard]] boost::asio::awaitable<event_handle> next();

private:
  queue_handle queue_;
  boost::asio::posix::stream_descriptor descriptor_;
};

} // namespace tocsin::kafka
