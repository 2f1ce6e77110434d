#include "kafka/producer.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/errors.hpp"
#include "kafka/log_events.hpp"
#include "kafka/rediscovery.hpp"
#include "kafka/wakeups.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <librdkafka/rdkafka.h>

#include <array>
#include <bit>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr int event_budget = 64; // a delivery report event carries many reports
constexpr auto idle_tick = std::chrono::seconds(1);
constexpr auto waiting_tick = std::chrono::milliseconds(2);
constexpr auto purge_bound = std::chrono::seconds(2);
constexpr auto renewal_interval = std::chrono::seconds(60); // at most, of clients whose messages time out
constexpr std::uint64_t main_number = 1;

static_assert(sizeof(void*) == sizeof(std::uint64_t), "an id travels through librdkafka as a pointer");

const void* bytes(std::string_view text) { return text.data() == nullptr ? "" : text.data(); } // empty is not null

} // namespace

class producer::impl {
public:
  impl(asio::any_io_executor executor, blocking_pool& pool, producer_options options)
      : executor_(executor), pool_(pool), options_(std::move(options)), wakeups_(executor), tick_timer_(executor) {
    connect(make_client(client_kind::producer, producer_properties(options_)));
  }

  ~impl() {
    TOCSIN_ASSERT(!in_run_);
    if (!client_) return; // closed
    TOCSIN_ASSERT(outstanding_ == 0);
    disconnect();
  }

  asio::awaitable<void> run();
  std::optional<failure> send(const outgoing& message, std::uint64_t id);
  std::size_t outstanding() const noexcept { return outstanding_; }
  asio::awaitable<bool> flush(std::chrono::milliseconds bound);
  asio::awaitable<void> close(std::chrono::milliseconds bound);
  void provoke_fatal_error() {
    rd_kafka_test_fatal_error(client_.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "provoked");
  }

private:
  void connect(client_handle client);
  client_handle make_client_again() noexcept; // none: logged
  void disconnect();
  asio::awaitable<void> serve();
  asio::awaitable<void> tick();
  asio::awaitable<void> renew();
  asio::awaitable<void> pause(std::chrono::milliseconds time = waiting_tick);
  bool serve_events(); // whether there may be more
  void on_event(rd_kafka_event_t* event);
  void on_error_event(rd_kafka_event_t* event);
  void note_timed_out();
  void purge();
  void log(severity level, std::string_view text, std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    if (options_.log) options_.log({level, text, fields});
  }

  asio::any_io_executor executor_;
  blocking_pool& pool_;
  producer_options options_;
  wakeups wakeups_;
  client_handle client_;
  queue_handle queue_;
  std::size_t outstanding_ = 0;
  rediscovery rediscovery_;
  bool unusable_ = false; // until there is a fresh client
  std::chrono::steady_clock::time_point next_renewal_;
  bool in_run_ = false;
  bool closing_ = false;
  bool closed_ = false;
  bool finished_ = false;
  asio::steady_timer tick_timer_;
};

void producer::impl::connect(client_handle client) {
  client_ = std::move(client);
  queue_.reset(rd_kafka_queue_get_main(client_.get()));
  wakeups_.watch(queue_.get(), main_number);
}

// What was fine when the process started may be missing now: a certificate, say.
client_handle producer::impl::make_client_again() noexcept {
  try {
    return make_client(client_kind::producer, producer_properties(options_));
  } catch (const std::exception& refused) {
    log(severity::error, "there is no fresh producer yet, trying again", {{"error", refused.what()}});
    return {};
  }
}

void producer::impl::disconnect() {
  wakeups::unwatch(queue_.get());
  queue_.reset();
}

asio::awaitable<void> producer::impl::run() {
  if (closing_) co_return;
  in_run_ = true;
  auto group = asio::experimental::make_parallel_group(asio::co_spawn(executor_, serve(), asio::deferred),
                                                       asio::co_spawn(executor_, tick(), asio::deferred));
  auto ends = co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  in_run_ = false;
  const std::array errors{std::get<1>(ends), std::get<2>(ends)};
  const std::exception_ptr broken = errors[std::get<0>(ends)[0]];
  if (broken) std::rethrow_exception(broken);
}

asio::awaitable<void> producer::impl::serve() {
  while (!finished_) {
    const bool more = serve_events();
    if (unusable_)
      co_await renew();
    else if (more)
      co_await asio::post(executor_, asio::use_awaitable);
    else
      co_await wakeups_.wait();
  }
}

asio::awaitable<void> producer::impl::tick() {
  for (;;) {
    tick_timer_.expires_after(idle_tick);
    co_await tick_timer_.async_wait(asio::use_awaitable);
    wakeups_.interrupt();
    if (client_ && rediscovery_.due(outstanding_ > 0, std::chrono::steady_clock::now()))
      name_brokers_again(client_.get(), options_.brokers);
  }
}

asio::awaitable<void> producer::impl::pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(executor_, time);
  co_await timer.async_wait(asio::use_awaitable);
}

void producer::impl::purge() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

// An idempotent producer that cannot keep its promise refuses everything from then on, and one that has lost its way to the topic
// sends nothing: everything outstanding has failed, and only a new client, with a new producer id, can go on.
asio::awaitable<void> producer::impl::renew() {
  purge();
  while (outstanding_ > 0 && !finished_) {
    co_await pause();
    serve_events();
  }
  client_handle fresh = make_client_again();
  while (!fresh && !finished_) {
    co_await pause(idle_tick);
    fresh = make_client_again();
  }
  if (finished_) co_return;
  disconnect();
  auto old = std::make_shared<client_handle>(std::move(client_));
  connect(std::move(fresh));
  unusable_ = false;
  log(severity::info, "the producer was replaced by a fresh one", {});
  asio::co_spawn(executor_, pool_.run([old] { old->reset(); }), asio::detached); // which may take as long as looking up a name
}

bool producer::impl::serve_events() {
  for (int i = 0; i < event_budget; ++i) {
    const event_handle event(rd_kafka_queue_poll(queue_.get(), 0));
    if (!event) return false;
    on_event(event.get());
  }
  return true;
}

void producer::impl::on_event(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_DR:
    while (const rd_kafka_message_t* const message = rd_kafka_event_message_next(event)) {
      delivery_report report;
      report.id = std::bit_cast<std::uint64_t>(message->_private);
      report.partition = message->partition;
      report.offset = message->offset;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        // Not rd_kafka_message_errstr(): of a message that was to be produced, that is its value, and not even terminated.
        const char* const why = rd_kafka_message_produce_errstr(message);
        report.error =
            failure_of(message->err, rd_kafka_topic_name(message->rkt), why != nullptr ? why : rd_kafka_err2str(message->err));
      }
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) rediscovery_.answered();
      if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) note_timed_out();
      TOCSIN_ASSERT(outstanding_ > 0);
      --outstanding_;
      if (options_.on_report) options_.on_report(report);
    }
    return;
  case RD_KAFKA_EVENT_ERROR: return on_error_event(event);
  case RD_KAFKA_EVENT_LOG: {
    const client_log_line line = read_log_event(event);
    // A consumer's properties are passed to the producer as well, which says of each that it has no use for it.
    const bool expected = line.about_connections || line.facility == "CONFWARN";
    return log(expected ? severity::debug : line.severity, line.text, {{"facility", line.facility}, {"client", "producer"}});
  }
  default: return;
  }
}

void producer::impl::on_error_event(rd_kafka_event_t* event) {
  failure error = failure_of(rd_kafka_event_error(event), {}, rd_kafka_event_error_string(event));
  if (rd_kafka_event_error_is_fatal(event) != 0) {
    std::array<char, 512> reason{};
    error = failure_of(rd_kafka_fatal_error(client_.get(), reason.data(), reason.size()), {}, reason.data());
    unusable_ = true;
    log(severity::error, "the producer cannot go on and is replaced", {{"code", error.code}, {"error", error.message}});
  }
  if (options_.on_error) options_.on_error(error);
}

// What a client has heard of a topic makes it deaf to what is told of one of the same name that was made anew, as long as its
// leaders have changed less often (librdkafka issue 4898). A fresh one has heard of neither.
void producer::impl::note_timed_out() {
  const auto now = std::chrono::steady_clock::now();
  if (unusable_ || now < next_renewal_) return;
  next_renewal_ = now + renewal_interval;
  unusable_ = true;
}

std::optional<failure> producer::impl::send(const outgoing& message, std::uint64_t id) {
  if (unusable_ || closing_) return failure{"_STATE", closing_ ? "the producer is closing" : "the producer is being replaced"};
  const std::string topic(message.topic);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const header_view& header : message.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value ? bytes(*header.value) : nullptr,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  std::array<rd_kafka_vu_t, 8> parts{};
  std::size_t count = 0;
  const auto part = [&parts, &count](rd_kafka_vtype_t type) -> auto& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  part(RD_KAFKA_VTYPE_TOPIC).cstr = topic.c_str();
  part(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  part(RD_KAFKA_VTYPE_OPAQUE).ptr = std::bit_cast<void*>(id);
  part(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  if (message.key) part(RD_KAFKA_VTYPE_KEY).mem = {const_cast<void*>(bytes(*message.key)), message.key->size()};
  if (message.value) part(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<void*>(bytes(*message.value)), message.value->size()};
  if (message.partition) part(RD_KAFKA_VTYPE_PARTITION).i32 = *message.partition;
  if (message.timestamp_ms) part(RD_KAFKA_VTYPE_TIMESTAMP).i64 = *message.timestamp_ms;
  const error_handle refused(rd_kafka_produceva(client_.get(), parts.data(), count));
  if (!refused) {
    ++outstanding_;
    return std::nullopt;
  }
  rd_kafka_headers_destroy(headers);
  return failure_of(rd_kafka_error_code(refused.get()), message.topic, rd_kafka_error_string(refused.get()));
}

asio::awaitable<bool> producer::impl::flush(std::chrono::milliseconds bound) {
  const auto deadline = std::chrono::steady_clock::now() + bound;
  while (outstanding_ > 0 && std::chrono::steady_clock::now() < deadline) {
    co_await pause();
    if (!in_run_) serve_events();
  }
  co_return outstanding_ == 0;
}

asio::awaitable<void> producer::impl::close(std::chrono::milliseconds bound) {
  if (std::exchange(closing_, true)) {
    while (!closed_) co_await pause();
    co_return;
  }
  const bool empty = co_await flush(bound);
  if (!empty && client_) {
    purge();
    co_await flush(purge_bound);
  }
  finished_ = true;
  while (in_run_) {
    wakeups_.interrupt();
    co_await pause();
  }
  disconnect();
  auto client = std::make_shared<client_handle>(std::move(client_));
  co_await pool_.run([client] { client->reset(); });
  closed_ = true;
}

producer::producer(asio::any_io_executor executor, blocking_pool& pool, producer_options options)
    : impl_(std::make_unique<impl>(std::move(executor), pool, std::move(options))) {}
producer::~producer() = default;
asio::awaitable<void> producer::run() { return impl_->run(); }
std::optional<failure> producer::send(const outgoing& message, std::uint64_t id) { return impl_->send(message, id); }
std::size_t producer::outstanding() const noexcept { return impl_->outstanding(); }
asio::awaitable<bool> producer::flush(std::chrono::milliseconds bound) { return impl_->flush(bound); }
asio::awaitable<void> producer::close(std::chrono::milliseconds bound) { return impl_->close(bound); }
void producer::provoke_fatal_error() { impl_->provoke_fatal_error(); }

} // namespace tocsin::kafka
