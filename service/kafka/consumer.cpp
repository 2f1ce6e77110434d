#include "kafka/consumer.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/consumer_impl.hpp"
#include "kafka/errors.hpp"
#include "kafka/log_events.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr std::uint64_t group_number = ~std::uint64_t{0}; // of the group's queue among the wake-ups
constexpr int turn_budget = 16;                           // records before other coroutines have their turn
constexpr int slot_quantum = 8;                           // records of a partition before the next partition's
constexpr int group_budget = 256;
constexpr auto idle_tick = std::chrono::seconds(1);
constexpr auto just_lost = std::chrono::seconds(5);

} // namespace

consumer::impl::impl(asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& settings,
                     consumer_handler& handler, consumer_options options)
    : executor_(executor),
      pool_(pool),
      settings_(settings),
      handler_(handler),
      options_(std::move(options)),
      wakeups_(executor),
      rebalance_arrived_(executor),
      commit_done_(executor),
      tick_timer_(executor) {
  const properties all = consumer_properties(settings_, options_.client_id);
  consumer_protocol_ = uses_consumer_protocol(all);
  if (reads_uncommitted(all)) isolation_ = isolation::read_uncommitted;
  for (const consumer_memory::slot& known : options_.memory.slots) slots_[slot_of(known.name)].said = known.said;
  client_ = make_client(client_kind::consumer, all);
  rd_kafka_poll_set_consumer(client_.get());
  group_queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  wakeups_.watch(group_queue_.get(), group_number);
}

consumer::impl::~impl() {
  TOCSIN_ASSERT(!in_run_);
  if (!client_) return; // closed
  TOCSIN_ASSERT(phase_ == phase::idle);
  wakeups::unwatch(group_queue_.get());
}

asio::awaitable<void> consumer::impl::run() {
  TOCSIN_ASSERT(!in_run_);
  if (phase_ != phase::idle) co_return; // closed before it began
  phase_ = phase::running;
  in_run_ = true;
  std::exception_ptr broken;
  try {
    co_await subscribe();
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor_, serve(), asio::deferred), asio::co_spawn(executor_, follow_group(), asio::deferred),
        asio::co_spawn(executor_, watch(), asio::deferred), asio::co_spawn(executor_, tick(), asio::deferred));
    auto ends = co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const std::array errors{std::get<1>(ends), std::get<2>(ends), std::get<3>(ends), std::get<4>(ends)};
    broken = errors[std::get<0>(ends)[0]];
  } catch (...) {
    broken = std::current_exception();
  }
  in_run_ = false;
  if (broken) std::rethrow_exception(broken);
}

asio::awaitable<void> consumer::impl::serve() {
  while (!finished_) {
    const bool more_events = serve_group_queue();
    drain();
    if (phase_ == phase::closing && rd_kafka_consumer_closed(client_.get()) != 0) break;
    if (more_events || schedule_.has_ready()) {
      co_await asio::post(executor_, asio::use_awaitable);
      note(wakeups_.take());
    } else {
      const std::span<const std::uint64_t> numbers = co_await wakeups_.wait();
      note(numbers);
    }
  }
}

// The second line of defence: a wake-up that got lost, and max.poll.interval.ms where no topic has anything to say.
asio::awaitable<void> consumer::impl::tick() {
  for (;;) {
    if (phase_ == phase::closing)
      tick_timer_.expires_after(closing_tick);
    else
      tick_timer_.expires_after(idle_tick);
    boost::system::error_code cut_short; // by close()
    co_await tick_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cut_short));
    schedule_.mark_all_ready();
    wakeups_.interrupt();
    if (rediscovery_.due(reachable_ == false && phase_ == phase::running, clock::now()))
      name_brokers_again(client_.get(), settings_.brokers);
  }
}

void consumer::impl::note(std::span<const std::uint64_t> numbers) {
  for (const std::uint64_t number : numbers) {
    if (number != group_number) schedule_.mark_ready(static_cast<slot_id>(number));
  }
}

bool consumer::impl::serve_group_queue() {
  for (int i = 0; i < group_budget; ++i) {
    event_handle event(rd_kafka_queue_poll(group_queue_.get(), 0));
    if (!event) return false;
    on_group_event(std::move(event));
  }
  return true;
}

void consumer::impl::drain() {
  for (int left = turn_budget; left > 0; left -= slot_quantum) {
    const std::optional<slot_id> slot = schedule_.next();
    if (!slot) return;
    drain_slot(*slot, slot_quantum);
  }
}

void consumer::impl::drain_slot(slot_id slot, int quantum) {
  rd_kafka_queue_t* const queue = slots_[slot].queue.get();
  for (int i = 0; i < quantum; ++i) {
    if (!handler_.wants_records(slot)) return schedule_.hold(slot);
    event_handle event(rd_kafka_queue_poll(queue, 0));
    if (!event) return schedule_.idle(slot);
    on_partition_event(slot, std::move(event));
  }
  schedule_.again(slot);
}

void consumer::impl::on_partition_event(slot_id id, event_handle event) {
  if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) return on_group_event(std::move(event));
  partition_slot& slot = slots_[id];
  const rd_kafka_message_t* const message = rd_kafka_event_message_next(event.get());
  if ((slot.moves_left > 0 || slot.misplaced) && comes_too_early(slot, message->offset)) return schedule_.remove(id);
  if (message->offset != slot.expected && slot.expected >= 0) check_gap(id, message->offset);
  slot.expected = message->offset + 1;
  handler_.on_record(record(std::move(event), message, {id, slot.name.partition, slot.name.topic}, pinned_));
}

// librdkafka may begin to read a partition before it is told where: a query of its own that is out while it is told wins. What
// comes of that belongs to nobody, and it is told again (move_misplaced()); who then still reads there has another log.
bool consumer::impl::comes_too_early(partition_slot& slot, std::int64_t offset) {
  if (slot.misplaced) return true;
  if (offset >= slot.start) {
    slot.moves_left = 0;
    return false;
  }
  --slot.moves_left;
  return slot.misplaced = true;
}

// Offsets also have gaps where a topic is compacted or transactions ended. Only what lies below the start of the log is gone.
void consumer::impl::check_gap(slot_id id, std::int64_t offset) {
  partition_slot& slot = slots_[id];
  const std::int64_t from = slot.expected;
  if (offset < from) {
    ++slot.shown;
    return report_other_log(id, offset);
  }
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(client_.get(), slot.name.topic.c_str(), slot.name.partition, &low, &high);
  const std::int64_t to = std::min(low, offset);
  if (to <= from) return;
  report_deleted(id, to);
}

void consumer::impl::report_other_log(slot_id id, std::int64_t from_now_on) {
  partition_slot& slot = slots_[id];
  const std::int64_t from = std::exchange(slot.expected, from_now_on);
  log(severity::warning, "the log of a partition was cut or made anew: old offsets come again",
      {{"topic", slot.name.topic},
       {"partition", std::to_string(slot.name.partition)},
       {"expected", std::to_string(from)},
       {"offset", std::to_string(from_now_on)}});
  options_.memory.stale[slot.name].merge(slot.said);
  slot.committed.reset(); // of this log, and of what a cut has left, nothing is committed yet
  slot.start = from_now_on;
  slot.expected_beyond = slot.expected_deleted = false;
  ++slot.log;
  handler_.on_gap(id, from, from_now_on);
}

void consumer::impl::on_group_event(event_handle event) {
  switch (rd_kafka_event_type(event.get())) {
  case RD_KAFKA_EVENT_REBALANCE: {
    rebalance change;
    change.assign = rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    change.lost = !change.assign && rd_kafka_assignment_lost(client_.get()) != 0;
    if (change.lost) lost_at_ = clock::now();
    if (!change.assign) stop_intake(slots_in(rd_kafka_event_topic_partition_list(event.get())));
    change.event = std::move(event);
    rebalances_.push_back(std::move(change));
    return rebalance_arrived_.notify_all();
  }
  case RD_KAFKA_EVENT_ERROR: return on_error_event(event.get());
  case RD_KAFKA_EVENT_LOG: return on_log_event(event.get());
  case RD_KAFKA_EVENT_FETCH: return on_stray_record(event.get());
  default: return;
  }
}

// Of a partition whose assignment was answered without being taken. It is not consumed: nothing is committed for it.
void consumer::impl::on_stray_record(rd_kafka_op_s* event) {
  const rd_kafka_message_t* const message = rd_kafka_event_message_next(event);
  TOCSIN_ASSERT(!slots_[slot_of({rd_kafka_topic_name(message->rkt), message->partition})].taken);
}

void consumer::impl::on_error_event(rd_kafka_op_s* event) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  failure error = failure_of(code, {}, rd_kafka_event_error_string(event));
  last_error_ = error.message;
  if (rd_kafka_event_error_is_fatal(event) != 0) {
    std::array<char, 512> reason{};
    const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
    if (cause == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID && fenced_by_ourselves()) return handler_.on_outdated();
    return fail(failure_of(cause, {}, reason.data()));
  }
  handler_.on_error(error);
  if (is_unreachable(code)) return note_unreachable(error.message);
  clock::time_point& last = logged_errors_[error.code];
  const clock::time_point now = clock::now();
  if (last != clock::time_point() && now - last < std::chrono::seconds(60)) return;
  last = now;
  log(severity::error, "kafka reports an error", {{"code", error.code}, {"error", error.message}});
}

// A named member whose session is over joins again without its number; what it had asked just before, a commit say, then goes out
// without it as well and is fenced, by the broker that still knows the old one. Whoever has been given partitions since then was
// let in, and is fenced by another process of its name.
bool consumer::impl::fenced_by_ourselves() {
  const bool let_in = !assignment().empty() || taking_over_ ||
                      std::any_of(rebalances_.begin(), rebalances_.end(), [](const rebalance& change) { return change.assign; });
  if (clock::now() - lost_at_ > just_lost || let_in || phase_ != phase::running) return false;
  log(severity::warning, "fenced by its own return after a lost session: the consumer is to be replaced",
      {{"group", settings_.group}});
  return true;
}

void consumer::impl::on_log_event(rd_kafka_op_s* event) {
  const client_log_line line = read_log_event(event);
  // What librdkafka says about single connections belongs to what note_unreachable() sums up.
  log(line.about_connections ? severity::debug : line.severity, line.text, {{"facility", line.facility}, {"client", "consumer"}});
}

void consumer::impl::fail(failure error) {
  if (std::exchange(failed_, true)) return;
  log(severity::error, "kafka client failed for good", {{"code", error.code}, {"error", error.message}});
  handler_.on_fatal(error);
}

void consumer::impl::note_reachable() {
  if (reachable_ == true) return;
  if (reachable_.has_value())
    log(severity::info, "kafka is reachable again", {{"brokers", settings_.brokers}});
  else
    log(severity::info, "kafka is reachable", {{"brokers", settings_.brokers}});
  reachable_ = true;
}

void consumer::impl::note_unreachable(std::string_view reason) {
  if (reachable_ == false) return;
  reachable_ = false;
  log(severity::warning, "kafka is not reachable, waiting for it", {{"brokers", settings_.brokers}, {"reason", reason}});
}

void consumer::impl::log(severity level, std::string_view text,
                         std::initializer_list<std::pair<std::string_view, std::string_view>> fields) const {
  if (options_.log) options_.log({level, text, fields});
}

void consumer::impl::resume_intake() noexcept {
  if (schedule_.release_held()) wakeups_.interrupt();
}

consumer::consumer(asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& settings,
                   consumer_handler& handler, consumer_options options)
    : impl_(std::make_unique<impl>(std::move(executor), pool, settings, handler, std::move(options))) {}
consumer::~consumer() = default;
asio::awaitable<void> consumer::run() { return impl_->run(); }
void consumer::resume_intake() noexcept { impl_->resume_intake(); }
asio::awaitable<commit_result> consumer::commit(std::vector<commit_entry> entries) { return impl_->commit(std::move(entries)); }
asio::awaitable<membership> consumer::prove_membership() { return impl_->prove_membership(); }
asio::awaitable<result<void>> consumer::seek(slot_id slot, std::int64_t offset) { return impl_->seek(slot, offset); }
asio::awaitable<void> consumer::close(std::chrono::milliseconds bound, parting how) { return impl_->close(bound, how); }
group_view consumer::group() const { return impl_->group(); }
watermarks consumer::watermarks_of(slot_id slot) const { return impl_->watermarks_of(slot); }
slot_name consumer::name_of(slot_id slot) const { return impl_->name_of(slot); }
std::vector<slot_id> consumer::assignment() const { return impl_->assignment(); }
consumer_memory consumer::memory() const { return impl_->memory(); }

} // namespace tocsin::kafka
