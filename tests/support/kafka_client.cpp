#include "support/kafka_client.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <stdexcept>

namespace tocsin::support {
namespace {

constexpr int patience_ms = 30'000;

template <auto Destroy>
struct with {
  template <class T>
  void operator()(T* handle) const {
    Destroy(handle);
  }
};
using client_handle = std::unique_ptr<rd_kafka_t, with<rd_kafka_destroy>>;
using queue_handle = std::unique_ptr<rd_kafka_queue_t, with<rd_kafka_queue_destroy>>;
using event_handle = std::unique_ptr<rd_kafka_event_t, with<rd_kafka_event_destroy>>;
using list_handle = std::unique_ptr<rd_kafka_topic_partition_list_t, with<rd_kafka_topic_partition_list_destroy>>;
using message_handle = std::unique_ptr<rd_kafka_message_t, with<rd_kafka_message_destroy>>;
using new_topic_handle = std::unique_ptr<rd_kafka_NewTopic_t, with<rd_kafka_NewTopic_destroy>>;
using delete_topic_handle = std::unique_ptr<rd_kafka_DeleteTopic_t, with<rd_kafka_DeleteTopic_destroy>>;

[[noreturn]] void fail(std::string_view what, std::string_view why) {
  throw std::runtime_error(std::string(what) + ": " + std::string(why));
}
void check(rd_kafka_resp_err_t error, std::string_view what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(what, rd_kafka_err2str(error));
}

void count_failures(rd_kafka_t*, const rd_kafka_message_t* message, void* failures) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<std::size_t*>(failures);
}

using settings = std::vector<std::pair<std::string, std::string>>;
client_handle make_client(rd_kafka_type_t type, const settings& properties, std::size_t* failures = nullptr) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
      fail(name, error.data());
  rd_kafka_conf_set_log_cb(conf, nullptr);
  if (failures != nullptr) {
    rd_kafka_conf_set_opaque(conf, failures);
    rd_kafka_conf_set_dr_msg_cb(conf, count_failures);
  }
  client_handle client(rd_kafka_new(type, conf, error.data(), error.size()));
  if (!client) fail("rd_kafka_new", error.data());
  return client;
}

headers headers_of(rd_kafka_message_t* message) {
  headers found;
  rd_kafka_headers_t* raw = nullptr;
  if (rd_kafka_message_headers(message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    found.emplace_back(name, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), size));
  return found;
}

std::optional<std::string> bytes(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

// False: no answer in time, or no controller yet. `again`: that the topic exists already is no fault.
bool ask_for_topic(rd_kafka_t* client, const std::string& name, rd_kafka_NewTopic_t* wanted, bool again) {
  using options_handle = std::unique_ptr<rd_kafka_AdminOptions_t, with<rd_kafka_AdminOptions_destroy>>;
  const options_handle options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  std::array<char, 512> error{};
  check(rd_kafka_AdminOptions_set_request_timeout(options.get(), 5'000, error.data(), error.size()), name);
  const queue_handle queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, &wanted, 1, options.get(), queue.get());
  const event_handle event(rd_kafka_queue_poll(queue.get(), patience_ms));
  if (!event || rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__TIMED_OUT) return false;
  check(rd_kafka_event_error(event.get()), name);
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT) return false;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || (again && code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)) continue;
    fail(name, rd_kafka_topic_result_error_string(results[i]));
  }
  return true;
}

} // namespace

struct kafka_client::state {
  std::string brokers;
  std::size_t failures = 0; // written by delivery reports, on the caller's thread
  client_handle producer;
};

kafka_client::kafka_client(std::string brokers, const std::map<std::string, std::string>& properties)
    : state_(std::make_unique<state>()) {
  state_->brokers = std::move(brokers);
  settings all{{"bootstrap.servers", state_->brokers},
               {"linger.ms", "5"},
               {"enable.idempotence", "true"}, // the order of production is the order of offsets
               {"queue.buffering.max.messages", "1000000"},
               {"message.max.bytes", "20000000"},
               {"partitioner", "murmur2_random"}};
  all.insert(all.end(), properties.begin(), properties.end());
  state_->producer = make_client(RD_KAFKA_PRODUCER, all, &state_->failures);
}

kafka_client::~kafka_client() = default;

void kafka_client::create_topic(std::string_view topic, int partitions, const std::map<std::string, std::string>& configuration) {
  const std::string name(topic);
  std::array<char, 512> error{};
  new_topic_handle wanted(rd_kafka_NewTopic_new(name.c_str(), partitions, 1, error.data(), error.size()));
  if (!wanted) fail(name, error.data());
  for (const auto& [key, value] : configuration)
    check(rd_kafka_NewTopic_set_config(wanted.get(), key.c_str(), value.c_str()), key);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  // A broker that has just started may not know its controller yet, and then librdkafka does not soon ask it again: we do.
  bool again = false;
  while (!ask_for_topic(state_->producer.get(), name, wanted.get(), again)) {
    if (std::chrono::steady_clock::now() > deadline) fail(name, "no answer to CreateTopics");
    again = true;
  }

  for (;;) { // the metadata follow the answer
    try {
      if (high_offsets(topic).size() == static_cast<std::size_t>(partitions)) return;
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
    rd_kafka_poll(state_->producer.get(), 20);
  }
}

void kafka_client::delete_topic(std::string_view topic) {
  const std::string name(topic);
  const delete_topic_handle unwanted(rd_kafka_DeleteTopic_new(name.c_str()));
  const queue_handle queue(rd_kafka_queue_new(state_->producer.get()));
  auto* raw = unwanted.get();
  rd_kafka_DeleteTopics(state_->producer.get(), &raw, 1, nullptr, queue.get());
  const event_handle event(rd_kafka_queue_poll(queue.get(), patience_ms));
  if (!event) fail(name, "no answer to DeleteTopics");
  check(rd_kafka_event_error(event.get()), name);
  std::size_t count = 0;
  const auto* const* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail(name, rd_kafka_topic_result_error_string(results[i]));
}

void kafka_client::configure_topic(std::string_view topic, const std::string& name, const std::optional<std::string>& value) {
  using resource_handle = std::unique_ptr<rd_kafka_ConfigResource_t, with<rd_kafka_ConfigResource_destroy>>;
  const resource_handle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, std::string(topic).c_str()));
  rd_kafka_error_destroy(rd_kafka_ConfigResource_add_incremental_config(
      resource.get(), name.c_str(), value ? RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET : RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE,
      value ? value->c_str() : nullptr));
  const queue_handle queue(rd_kafka_queue_new(state_->producer.get()));
  auto* raw = resource.get();
  rd_kafka_IncrementalAlterConfigs(state_->producer.get(), &raw, 1, nullptr, queue.get());
  const event_handle event(rd_kafka_queue_poll(queue.get(), patience_ms));
  if (!event) fail(topic, "no answer to IncrementalAlterConfigs");
  check(rd_kafka_event_error(event.get()), topic);
}

void kafka_client::produce(std::string_view topic, const record& what) {
  const std::string name(topic);
  for (;;) {
    rd_kafka_headers_t* sent = rd_kafka_headers_new(what.headers.size());
    for (const auto& [key, value] : what.headers)
      rd_kafka_header_add(sent, key.data(), static_cast<ssize_t>(key.size()), value.data(), static_cast<ssize_t>(value.size()));
    std::array<rd_kafka_vu_t, 7> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = name.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = what.partition;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    if (what.value) fields[3].u.mem = {const_cast<char*>(what.value->data()), what.value->size()};
    fields[4].vtype = RD_KAFKA_VTYPE_KEY;
    if (what.key) fields[4].u.mem = {const_cast<char*>(what.key->data()), what.key->size()};
    fields[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[5].u.i64 = what.timestamp_ms;
    fields[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[6].u.headers = sent;
    const std::unique_ptr<rd_kafka_error_t, with<rd_kafka_error_destroy>> refused(
        rd_kafka_produceva(state_->producer.get(), fields.data(), fields.size()));
    if (!refused) break;
    rd_kafka_headers_destroy(sent);
    if (const auto error = rd_kafka_error_code(refused.get()); error != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(error, name);
    rd_kafka_poll(state_->producer.get(), 50);
  }
  rd_kafka_poll(state_->producer.get(), 0);
}

void kafka_client::flush() {
  check(rd_kafka_flush(state_->producer.get(), 2 * patience_ms), "flush");
  if (state_->failures > 0) fail("produce", std::to_string(state_->failures) + " records were not accepted");
}

std::map<std::int32_t, std::int64_t> kafka_client::high_offsets(std::string_view topic) {
  const std::string name(topic);
  auto* producer = state_->producer.get();
  std::unique_ptr<rd_kafka_topic_t, with<rd_kafka_topic_destroy>> handle(rd_kafka_topic_new(producer, name.c_str(), nullptr));
  const rd_kafka_metadata_t* raw = nullptr;
  check(rd_kafka_metadata(producer, 0, handle.get(), &raw, patience_ms), name);
  std::unique_ptr<const rd_kafka_metadata_t, with<rd_kafka_metadata_destroy>> metadata(raw);
  check(metadata->topics[0].err, name);
  std::map<std::int32_t, std::int64_t> found;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
    std::int64_t low = 0, high = 0;
    const auto partition = metadata->topics[0].partitions[i].id;
    check(rd_kafka_query_watermark_offsets(producer, name.c_str(), partition, &low, &high, patience_ms), name);
    found[partition] = high;
  }
  return found;
}

std::vector<record> kafka_client::read_all(std::string_view topic) {
  const std::string name(topic);
  const auto ends = high_offsets(topic);
  const auto consumer = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", state_->brokers},
                                                        {"group.id", "tests-read-aside"},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.partition.eof", "true"},
                                                        {"auto.offset.reset", "earliest"},
                                                        {"fetch.message.max.bytes", "20000000"},
                                                        {"receive.message.max.bytes", "100000000"}});
  rd_kafka_poll_set_consumer(consumer.get());
  std::map<std::int32_t, std::vector<record>> read;
  list_handle list(rd_kafka_topic_partition_list_new(static_cast<int>(ends.size())));
  for (const auto& [partition, end] : ends)
    rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  check(rd_kafka_assign(consumer.get(), list.get()), name);
  for (std::size_t at_end = 0; at_end < ends.size();) {
    message_handle message(rd_kafka_consumer_poll(consumer.get(), patience_ms));
    if (!message) fail(name, "nothing came for 30 s while reading it");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ++at_end;
      continue;
    }
    check(message->err, name);
    rd_kafka_timestamp_type_t type{};
    read[message->partition].push_back({message->partition, bytes(message->key, message->key_len),
                                        bytes(message->payload, message->len), headers_of(message.get()), message->offset,
                                        rd_kafka_message_timestamp(message.get(), &type)});
  }
  rd_kafka_consumer_close(consumer.get());
  std::vector<record> all;
  for (auto& [partition, records] : read)
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  return all;
}

std::map<std::int32_t, std::int64_t> kafka_client::committed(std::string_view group, std::string_view topic) {
  const std::string name(topic);
  const auto consumer =
      make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", state_->brokers}, {"group.id", std::string(group)}});
  const auto ends = high_offsets(topic);
  list_handle list(rd_kafka_topic_partition_list_new(static_cast<int>(ends.size())));
  for (const auto& [partition, end] : ends) rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition);
  const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  auto code = rd_kafka_committed(consumer.get(), list.get(), patience_ms);
  // A coordinator that is moving, or has just been made, says so.
  while ((code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS) &&
         std::chrono::steady_clock::now() < give_up_at)
    code = rd_kafka_committed(consumer.get(), list.get(), patience_ms);
  check(code, name);
  std::map<std::int32_t, std::int64_t> found;
  for (int i = 0; i < list->cnt; ++i)
    if (list->elems[i].offset >= 0) found[list->elems[i].partition] = list->elems[i].offset;
  return found;
}

} // namespace tocsin::support
