#include "kafka/wakeups.hpp"

#include "kafka/reply_queue.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <sys/eventfd.h>

namespace tocsin::kafka {
namespace asio = boost::asio;

// Everybody wakes the reader: who left it to the first in the list would wait with that one, if it is not let run just then.
void wakeups::bell::ring() noexcept {
  if (rung_.exchange(true, std::memory_order_acq_rel)) return;
  bell* last = owner_.rung_.load(std::memory_order_relaxed);
  do next_ = last;
  while (!owner_.rung_.compare_exchange_weak(last, this, std::memory_order_release, std::memory_order_relaxed));
  ::eventfd_write(owner_.event_.native_handle(), 1);
}

wakeups::wakeups(const asio::any_io_executor& executor) : event_(make_event_descriptor(executor)) {}
wakeups::~wakeups() = default;

wakeups::bell& wakeups::bell_of(std::uint64_t number) { return bells_.try_emplace(number, *this, number).first->second; }

// The callback runs with the queue's lock held.
void wakeups::watch(rd_kafka_queue_s* queue, std::uint64_t number) {
  const auto on_event = [](rd_kafka_t* /*client*/, void* opaque) { static_cast<bell*>(opaque)->ring(); };
  rd_kafka_queue_cb_event_enable(queue, on_event, &bell_of(number));
}

void wakeups::unwatch(rd_kafka_queue_s* queue) noexcept { rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr); }

std::span<const std::uint64_t> wakeups::take() {
  numbers_.clear();
  for (bell* rung = rung_.exchange(nullptr, std::memory_order_acquire); rung != nullptr;) {
    bell& taken = *rung;
    rung = taken.next_; // before it may be rung again
    numbers_.push_back(taken.number_);
    taken.rung_.exchange(false, std::memory_order_acq_rel); // whatever was done before it rang, each time, is seen from here on
  }
  std::reverse(numbers_.begin(), numbers_.end());
  return numbers_;
}

asio::awaitable<std::span<const std::uint64_t>> wakeups::wait() {
  TOCSIN_ASSERT(!waiting_);
  waiting_ = true;
  interrupted_ = false;
  while (rung_.load(std::memory_order_acquire) == nullptr && !interrupted_) {
    std::array<std::uint64_t, 1> count{}; // also of what take() has taken without waiting
    boost::system::error_code ignored;
    co_await event_.async_read_some(asio::buffer(count), asio::redirect_error(asio::use_awaitable, ignored));
  }
  waiting_ = false;
  co_return take();
}

void wakeups::interrupt() noexcept {
  if (!waiting_) return;
  interrupted_ = true; // the wait may just have ended, with nothing to show for it
  boost::system::error_code ignored;
  static_cast<void>(event_.cancel(ignored));
}

} // namespace tocsin::kafka
