// The consumer's end: its partitions are handed over, the group is left, the client goes; each within a bound.
#include "kafka/consumer_impl.hpp"
#include "kafka/wakeups.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <librdkafka/rdkafka.h>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr auto time_to_end = std::chrono::seconds(6);   // of the time to close, kept for what follows unsubscribe()
constexpr auto time_to_leave = std::chrono::seconds(6); // librdkafka's patience with a LeaveGroup is 5 s

} // namespace

asio::awaitable<void> consumer::impl::close(std::chrono::milliseconds bound, parting how) {
  close_by_ = clock::now() + bound;
  if (std::exchange(to_close_, true)) {
    asio::steady_timer timer(executor_);
    while (phase_ != phase::closed) {
      timer.expires_after(closing_tick);
      co_await timer.async_wait(asio::use_awaitable);
    }
    co_return;
  }
  const bool would_keep_its_place = !settings_.instance_id.empty() && !consumer_protocol_;
  if (in_run_ && how == parting::for_good && would_keep_its_place) co_await unsubscribe();
  phase_ = phase::closing;
  if (in_run_) co_await end_run();
  for (partition_slot& slot : slots_) {
    if (slot.queue) wakeups::unwatch(slot.queue.get());
    slot.queue.reset();
  }
  rebalances_.clear();
  wakeups::unwatch(group_queue_.get());
  group_queue_.reset();
  co_await destroy_client();
  phase_ = phase::closed;
}

// Whoever unsubscribes says that it leaves, also under a name (which a closing client of that name does not, KIP-345).
// Its LeaveGroup goes out when the last answer and the last commit are through; while the group rebalances, it waits for that.
asio::awaitable<void> consumer::impl::unsubscribe() {
  asio::steady_timer timer(executor_);
  ++telling_;
  co_await pool_.run([client = client_.get()] { rd_kafka_unsubscribe(client); });
  --telling_;
  const auto done = [this] { return assignment().empty() && rebalances_.empty() && !answering_ && !committing_; };
  while (in_run_ && !done() && clock::now() < close_by_ - time_to_end) {
    timer.expires_after(closing_tick);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> consumer::impl::end_run() {
  asio::steady_timer timer(executor_);
  while (telling_ > 0) {
    timer.expires_after(closing_tick);
    co_await timer.async_wait(asio::use_awaitable);
  }
  const error_handle gone(rd_kafka_consumer_close_queue(client_.get(), group_queue_.get()));
  if (gone) finished_ = true; // after a fatal error there is no group to leave
  tick_timer_.cancel();
  wakeups_.interrupt();
  while (in_run_) {
    timer.expires_after(closing_tick);
    co_await timer.async_wait(asio::use_awaitable);
    if (finished_ || clock::now() < close_by_) continue;
    log(severity::warning, "leaving the group took too long and was given up", {{"group", settings_.group}});
    finished_ = true;
    wakeups_.interrupt();
  }
  co_await answer_what_is_left(gone ? clock::time_point() : clock::now() + time_to_leave);
  ended_ = gone || rd_kafka_consumer_closed(client_.get()) != 0;
  joined_ = false;
  std::vector<slot_id> left; // by a fatal error, or because time was up
  for (slot_id slot = 0; slot < slots_.size(); ++slot) {
    if (std::exchange(slots_[slot].taken, false)) left.push_back(slot);
  }
  if (!left.empty()) handler_.on_lost(left);
}

// Where time was up, or after a fatal error. No client ends before its last question is answered, nor one that is destroyed while
// its LeaveGroup is out.
asio::awaitable<void> consumer::impl::answer_what_is_left(clock::time_point until) {
  asio::steady_timer timer(executor_);
  bool asked = answering_ || !rebalances_.empty();
  while (rd_kafka_consumer_closed(client_.get()) == 0) {
    while (const event_handle event{rd_kafka_queue_poll(group_queue_.get(), 0)})
      asked = asked || rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE;
    if (asked && !std::exchange(left_, true)) co_await pool_.run([client = client_.get()] { rd_kafka_assign(client, nullptr); });
    if (clock::now() >= until) co_return;
    timer.expires_after(closing_tick);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> consumer::impl::destroy_client() {
  asio::steady_timer timer(executor_);
  while ((pinned_ > 0 || committing_) && clock::now() < close_by_) {
    timer.expires_after(closing_tick);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (pinned_ > 0 || committing_ || !ended_) { // destroying the client would wait for them, for ever
    log(severity::error, "records, a commit or the group outlive their consumer, which is left behind",
        {{"records", std::to_string(pinned_)}});
    static_cast<void>(client_.release());
    co_return;
  }
  auto client = std::make_shared<client_handle>(std::move(client_));
  co_await pool_.run([client] { client->reset(); });
}

} // namespace tocsin::kafka
