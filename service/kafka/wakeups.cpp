#include "kafka/wakeups.hpp"

#include "runtime/assertion.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <librdkafka/rdkafka.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace tocsin::kafka {
namespace asio = boost::asio;

wakeups::wakeups(const asio::any_io_executor& executor) : read_end_(executor) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) {
    throw boost::system::system_error(errno, boost::system::system_category(), "pipe2");
  }
  read_end_.assign(ends[0]);
  write_end_ = ends[1];
}

wakeups::~wakeups() { ::close(write_end_); }

void wakeups::watch(rd_kafka_queue_s* queue, std::uint64_t number) {
  rd_kafka_queue_io_event_enable(queue, write_end_, &number, sizeof number);
}

void wakeups::unwatch(rd_kafka_queue_s* queue) noexcept { rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0); }

std::span<const std::uint64_t> wakeups::take() {
  const ssize_t size = ::read(read_end_.native_handle(), numbers_.data(), sizeof numbers_);
  if (size <= 0) return {};
  return std::span(numbers_).first(static_cast<std::size_t>(size) / sizeof numbers_[0]);
}

asio::awaitable<std::span<const std::uint64_t>> wakeups::wait() {
  TOCSIN_ASSERT(!waiting_);
  boost::system::error_code error;
  waiting_ = true;
  const std::size_t size =
      co_await read_end_.async_read_some(asio::buffer(numbers_), asio::redirect_error(asio::use_awaitable, error));
  waiting_ = false;
  co_return std::span<const std::uint64_t>(numbers_).first(size / sizeof numbers_[0]);
}

void wakeups::interrupt() noexcept {
  if (!waiting_) return;
  boost::system::error_code ignored;
  static_cast<void>(read_end_.cancel(ignored));
}

} // namespace tocsin::kafka
