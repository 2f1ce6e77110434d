#include "kafka/reply_queue.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <librdkafka/rdkafka.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>

namespace tocsin::kafka {
namespace asio = boost::asio;

asio::posix::stream_descriptor make_event_descriptor(const asio::any_io_executor& executor) {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw boost::system::system_error(errno, boost::system::system_category(), "eventfd");
  return {executor, fd};
}

void signal_on(rd_kafka_queue_s* queue, asio::posix::stream_descriptor& descriptor) {
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue, descriptor.native_handle(), &one, sizeof one);
}

void stop_signals(rd_kafka_queue_s* queue) noexcept { rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0); }

reply_queue::reply_queue(const asio::any_io_executor& executor, rd_kafka_s* client)
    : queue_(rd_kafka_queue_new(client)), descriptor_(make_event_descriptor(executor)) {
  signal_on(queue_.get(), descriptor_);
}

reply_queue::~reply_queue() { stop_signals(queue_.get()); }

asio::awaitable<event_handle> reply_queue::next() {
  for (;;) {
    event_handle event(rd_kafka_queue_poll(queue_.get(), 0));
    if (event) co_return event;
    std::array<char, 8> count{};
    co_await descriptor_.async_read_some(asio::buffer(count), asio::use_awaitable);
  }
}

} // namespace tocsin::kafka
