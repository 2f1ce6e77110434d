#include "kafka/admin_client.hpp"

#include "kafka/admin_requests.hpp"
#include "kafka/client_conf.hpp"
#include "kafka/errors.hpp"
#include "kafka/log_events.hpp"
#include "kafka/reply_queue.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr auto leader_poll = std::chrono::milliseconds(20);

struct admin_deleter {
  void operator()(rd_kafka_AdminOptions_t* p) const noexcept { rd_kafka_AdminOptions_destroy(p); }
  void operator()(rd_kafka_NewTopic_t* p) const noexcept { rd_kafka_NewTopic_destroy(p); }
  void operator()(rd_kafka_DeleteTopic_t* p) const noexcept { rd_kafka_DeleteTopic_destroy(p); }
  void operator()(rd_kafka_DeleteRecords_t* p) const noexcept { rd_kafka_DeleteRecords_destroy(p); }
};
template <class T>
using admin_handle = std::unique_ptr<T, admin_deleter>;

// The failure of the request, or else of the one topic it was about.
result<void> outcome_of(rd_kafka_event_t* event, const rd_kafka_topic_result_t** topics, std::size_t count,
                        std::string_view about) {
  if (const rd_kafka_resp_err_t code = rd_kafka_event_error(event))
    return failure_of(code, about, rd_kafka_event_error_string(event));
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* const detail = rd_kafka_topic_result_error_string(topics[i]);
    return failure_of(code, about, detail == nullptr ? "" : detail);
  }
  return {};
}

} // namespace

class admin_client::impl {
public:
  impl(asio::any_io_executor executor, blocking_pool& pool, admin_options options)
      : executor_(std::move(executor)),
        pool_(pool),
        options_(std::move(options)),
        client_(std::make_shared<client_handle>(make_client(client_kind::producer, admin_properties(options_)))),
        main_queue_(rd_kafka_queue_get_main(client_->get())) {}

  // Joins librdkafka's threads: a moment.
  ~impl() { main_queue_.reset(); }

  rd_kafka_s* client() const noexcept { return client_->get(); }
  admin_context context() {
    drain_log();
    return {executor_, client(), options_.timeout};
  }
  admin_handle<rd_kafka_AdminOptions_t> options_for(rd_kafka_admin_op_t operation) {
    drain_log();
    admin_handle<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client(), operation));
    std::array<char, 256> reason{};
    const int timeout = static_cast<int>(options_.timeout.count());
    rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, reason.data(), reason.size());
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout, reason.data(), reason.size());
    return options;
  }
  asio::awaitable<result<void>> create_topic(new_topic topic);
  asio::awaitable<result<void>> wait_for_leaders(new_topic topic);
  asio::awaitable<result<void>> delete_topic(std::string name);
  asio::awaitable<result<std::vector<topic_summary>>> list_topics();
  asio::awaitable<result<void>> delete_records(topic_partition where, std::int64_t below);

private:
  // Nobody else reads the main queue.
  void drain_log() {
    while (const event_handle event{rd_kafka_queue_poll(main_queue_.get(), 0)}) {
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_LOG || !options_.log) continue;
      const client_log_line line = read_log_event(event.get());
      options_.log({line.severity, line.text, {{"facility", line.facility}, {"client", "admin"}}});
    }
  }

  asio::any_io_executor executor_;
  blocking_pool& pool_;
  admin_options options_;
  std::shared_ptr<client_handle> client_; // shared with a call that runs on the pool
  queue_handle main_queue_;
};

asio::awaitable<result<void>> admin_client::impl::create_topic(new_topic topic) {
  std::array<char, 256> reason{};
  admin_handle<rd_kafka_NewTopic_t> request(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, reason.data(), reason.size()));
  if (!request) co_return failure{"_INVALID_ARG", fmt::format("topic {}: {}", topic.name, reason.data())};
  for (const auto& [name, value] : topic.config) rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());

  const auto options = options_for(RD_KAFKA_ADMIN_OP_CREATETOPICS);
  reply_queue replies(executor_, client());
  rd_kafka_NewTopic_t* list = request.get();
  rd_kafka_CreateTopics(client(), &list, 1, options.get(), replies.get());
  const event_handle event = co_await replies.next();
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const topics =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  const result<void> created = outcome_of(event.get(), topics, count, "topic " + topic.name);
  if (!created) co_return created;
  const result<void> led = co_await wait_for_leaders(std::move(topic));
  co_return led;
}

asio::awaitable<result<void>> admin_client::impl::wait_for_leaders(new_topic topic) {
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  std::vector<topic_partition> partitions;
  for (std::int32_t i = 0; i < topic.partitions; ++i) partitions.push_back({topic.name, i});
  asio::steady_timer timer(executor_);
  for (;;) {
    const auto found = co_await ask_offsets(context(), partitions, earliest{}, isolation::read_uncommitted);
    std::optional<failure> missing;
    if (!found) missing = found.error();
    for (std::size_t i = 0; found && i < found->size(); ++i) {
      if ((*found)[i].error) missing = (*found)[i].error;
    }
    if (!missing) co_return result<void>();
    if (std::chrono::steady_clock::now() >= deadline) co_return std::move(*missing);
    timer.expires_after(leader_poll);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<result<void>> admin_client::impl::delete_topic(std::string name) {
  const admin_handle<rd_kafka_DeleteTopic_t> request(rd_kafka_DeleteTopic_new(name.c_str()));
  const auto options = options_for(RD_KAFKA_ADMIN_OP_DELETETOPICS);
  reply_queue replies(executor_, client());
  rd_kafka_DeleteTopic_t* list = request.get();
  rd_kafka_DeleteTopics(client(), &list, 1, options.get(), replies.get());
  const event_handle event = co_await replies.next();
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const topics =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  co_return outcome_of(event.get(), topics, count, "topic " + name);
}

asio::awaitable<result<std::vector<topic_summary>>> admin_client::impl::list_topics() {
  struct answer {
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::vector<topic_summary> topics;
  };
  auto done = std::make_shared<answer>();
  drain_log();
  co_await pool_.run([client = client_, done, timeout = static_cast<int>(options_.timeout.count())] {
    const struct rd_kafka_metadata* metadata = nullptr;
    done->code = rd_kafka_metadata(client->get(), 1, nullptr, &metadata, timeout);
    if (done->code != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      done->topics.push_back({metadata->topics[i].topic, metadata->topics[i].partition_cnt});
    }
    rd_kafka_metadata_destroy(metadata);
  });
  if (done->code != RD_KAFKA_RESP_ERR_NO_ERROR) co_return failure_of(done->code, "list of topics");
  std::sort(done->topics.begin(), done->topics.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  co_return std::move(done->topics);
}

asio::awaitable<result<void>> admin_client::impl::delete_records(topic_partition where, std::int64_t below) {
  const partition_list_handle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = below;
  const admin_handle<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(list.get()));
  const auto options = options_for(RD_KAFKA_ADMIN_OP_DELETERECORDS);
  reply_queue replies(executor_, client());
  rd_kafka_DeleteRecords_t* requests = request.get();
  rd_kafka_DeleteRecords(client(), &requests, 1, options.get(), replies.get());
  const event_handle event = co_await replies.next();
  const std::string about = fmt::format("{}-{}", where.topic, where.partition);
  if (const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get())) {
    co_return failure_of(code, about, rd_kafka_event_error_string(event.get()));
  }
  const auto* const done = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  if (done->cnt == 1 && done->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) co_return failure_of(done->elems[0].err, about);
  co_return result<void>();
}

admin_client::admin_client(asio::any_io_executor executor, blocking_pool& pool, admin_options options)
    : impl_(std::make_unique<impl>(std::move(executor), pool, std::move(options))) {}
admin_client::~admin_client() = default;
asio::awaitable<result<void>> admin_client::create_topic(new_topic topic) { return impl_->create_topic(std::move(topic)); }
asio::awaitable<result<void>> admin_client::delete_topic(std::string name) { return impl_->delete_topic(std::move(name)); }
asio::awaitable<result<std::vector<topic_summary>>> admin_client::list_topics() { return impl_->list_topics(); }
asio::awaitable<result<std::vector<found_offset>>> admin_client::list_offsets(std::vector<topic_partition> of, offset_spec spec) {
  return ask_offsets(impl_->context(), std::move(of), spec, isolation::read_uncommitted);
}
asio::awaitable<result<std::vector<group_offset>>> admin_client::group_offsets(std::string group,
                                                                               std::vector<topic_partition> of) {
  return ask_group_offsets(impl_->context(), std::move(group), std::move(of));
}
asio::awaitable<result<void>> admin_client::delete_records(topic_partition where, std::int64_t below) {
  return impl_->delete_records(std::move(where), below);
}

} // namespace tocsin::kafka
