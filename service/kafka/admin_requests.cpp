#include "kafka/admin_requests.hpp"

#include "kafka/errors.hpp"
#include "kafka/reply_queue.hpp"
#include "runtime/assertion.hpp"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

struct options_deleter {
  void operator()(rd_kafka_AdminOptions_t* options) const noexcept { rd_kafka_AdminOptions_destroy(options); }
};
using options_handle = std::unique_ptr<rd_kafka_AdminOptions_t, options_deleter>;

options_handle make_options(const admin_context& context, rd_kafka_admin_op_t operation) {
  options_handle options(rd_kafka_AdminOptions_new(context.client, operation));
  std::array<char, 256> reason{};
  const auto verdict = rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(context.timeout.count()),
                                                                 reason.data(), reason.size());
  TOCSIN_ASSERT(verdict == RD_KAFKA_RESP_ERR_NO_ERROR);
  return options;
}

partition_list_handle make_list(const std::vector<topic_partition>& of) {
  partition_list_handle list(rd_kafka_topic_partition_list_new(static_cast<int>(of.size())));
  for (const auto& where : of) rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition);
  return list;
}

std::int64_t to_wire(const offset_spec& spec) {
  if (std::holds_alternative<earliest>(spec)) return RD_KAFKA_OFFSET_SPEC_EARLIEST;
  if (std::holds_alternative<latest>(spec)) return RD_KAFKA_OFFSET_SPEC_LATEST;
  return std::get<at_time>(spec).unix_ms;
}

std::string name_of(const topic_partition& where) { return fmt::format("{}-{}", where.topic, where.partition); }

std::optional<failure> failure_in(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return failure_of(code, {}, rd_kafka_event_error_string(event));
}

} // namespace

asio::awaitable<result<std::vector<found_offset>>> ask_offsets(admin_context context, std::vector<topic_partition> of,
                                                               offset_spec spec, isolation level) {
  const options_handle options = make_options(context, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
  error_handle refused(rd_kafka_AdminOptions_set_isolation_level(options.get(), level == isolation::read_committed
                                                                                    ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                                                    : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  TOCSIN_ASSERT(refused == nullptr);
  const partition_list_handle list = make_list(of);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = to_wire(spec);

  reply_queue replies(context.executor, context.client);
  rd_kafka_ListOffsets(context.client, list.get(), options.get(), replies.get());
  const event_handle event = co_await replies.next();
  if (auto failed = failure_in(event.get())) co_return std::move(*failed);

  std::size_t count = 0;
  const auto* const infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
  std::vector<found_offset> found;
  for (const topic_partition& where : of) {
    found_offset entry{where, std::nullopt, failure_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, name_of(where))};
    for (std::size_t i = 0; i < count; ++i) {
      const rd_kafka_topic_partition_t* const answer = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
      if (answer->partition != where.partition || where.topic != answer->topic) continue;
      entry.error =
          answer->err == RD_KAFKA_RESP_ERR_NO_ERROR ? std::nullopt : std::optional(failure_of(answer->err, name_of(where)));
      // librdkafka leaves this where the leader did not answer; of a time, "none so young" is -1.
      if (!entry.error && answer->offset == RD_KAFKA_OFFSET_INVALID)
        entry.error = failure_of(RD_KAFKA_RESP_ERR__TIMED_OUT, name_of(where));
      if (!entry.error && answer->offset >= 0) entry.offset = answer->offset;
    }
    found.push_back(std::move(entry));
  }
  co_return found;
}

asio::awaitable<result<std::vector<std::optional<std::string>>>> ask_topic_ids(admin_context context,
                                                                               std::vector<std::string> topics) {
  const options_handle options = make_options(context, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
  std::vector<const char*> names;
  for (const std::string& topic : topics) names.push_back(topic.c_str());
  rd_kafka_TopicCollection_t* const asked = rd_kafka_TopicCollection_of_topic_names(names.data(), names.size());
  reply_queue replies(context.executor, context.client);
  rd_kafka_DescribeTopics(context.client, asked, options.get(), replies.get());
  rd_kafka_TopicCollection_destroy(asked);
  const event_handle event = co_await replies.next();
  if (auto failed = failure_in(event.get())) co_return std::move(*failed);

  std::size_t count = 0;
  const auto* const answers = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  std::vector<std::optional<std::string>> found(topics.size());
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* const error = rd_kafka_TopicDescription_error(answers[i]);
    const auto place = std::find(topics.begin(), topics.end(), rd_kafka_TopicDescription_name(answers[i]));
    if (place == topics.end() || rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const rd_kafka_Uuid_t* const id = rd_kafka_TopicDescription_topic_id(answers[i]);
    if (rd_kafka_Uuid_most_significant_bits(id) == 0 && rd_kafka_Uuid_least_significant_bits(id) == 0) continue;
    found[static_cast<std::size_t>(place - topics.begin())] = rd_kafka_Uuid_base64str(id);
  }
  co_return found;
}

asio::awaitable<result<std::optional<std::string>>> ask_cluster_id(admin_context context) {
  const options_handle options = make_options(context, RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER);
  reply_queue replies(context.executor, context.client);
  rd_kafka_DescribeCluster(context.client, options.get(), replies.get());
  const event_handle event = co_await replies.next();
  if (auto failed = failure_in(event.get())) co_return std::move(*failed);
  const char* const id = rd_kafka_DescribeCluster_result_cluster_id(rd_kafka_event_DescribeCluster_result(event.get()));
  co_return id == nullptr ? std::nullopt : std::optional<std::string>(id);
}

asio::awaitable<result<std::vector<group_offset>>> ask_group_offsets(admin_context context, std::string group,
                                                                     std::vector<topic_partition> of) {
  const options_handle options = make_options(context, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  const partition_list_handle list = make_list(of);
  rd_kafka_ListConsumerGroupOffsets_t* request = rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get());
  reply_queue replies(context.executor, context.client);
  rd_kafka_ListConsumerGroupOffsets(context.client, &request, 1, options.get(), replies.get());
  rd_kafka_ListConsumerGroupOffsets_destroy(request);
  const event_handle event = co_await replies.next();
  if (auto failed = failure_in(event.get())) co_return std::move(*failed);

  std::size_t count = 0;
  const auto* const groups =
      rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  TOCSIN_ASSERT(count == 1);
  if (const rd_kafka_error_t* const error = rd_kafka_group_result_error(groups[0])) {
    co_return failure_of(rd_kafka_error_code(error), fmt::format("group {}", group), rd_kafka_error_string(error));
  }
  const rd_kafka_topic_partition_list_t* const answers = rd_kafka_group_result_partitions(groups[0]);
  std::vector<group_offset> found;
  for (const topic_partition& where : of) {
    group_offset entry{where, std::nullopt, {}, std::nullopt};
    const rd_kafka_topic_partition_t* const answer = rd_kafka_topic_partition_list_find(
        const_cast<rd_kafka_topic_partition_list_t*>(answers), where.topic.c_str(), where.partition);
    if (answer == nullptr)
      entry.error = failure_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, name_of(where));
    else if (answer->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      entry.error = failure_of(answer->err, name_of(where));
    else if (answer->offset >= 0) {
      entry.offset = answer->offset;
      entry.metadata.assign(static_cast<const char*>(answer->metadata), answer->metadata_size);
    }
    found.push_back(std::move(entry));
  }
  co_return found;
}

} // namespace tocsin::kafka
