// The consumer as a member of its group: what is assigned, from where, and how it is given up.
#include "kafka/client_conf.hpp"
#include "kafka/consumer_impl.hpp"
#include "kafka/errors.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr auto question_by_the_way = std::chrono::milliseconds(1000); // others wait for the answer to a rebalance

partition_list_handle copy_of(const rd_kafka_topic_partition_list_t* list) {
  return partition_list_handle(rd_kafka_topic_partition_list_copy(list));
}

} // namespace

slot_id consumer::impl::slot_of(const topic_partition& name) {
  const auto [entry, added] = slot_ids_.try_emplace(name, static_cast<slot_id>(slots_.size()));
  if (added) slots_.emplace_back().name = name;
  return entry->second;
}

asio::awaitable<void> consumer::impl::subscribe() {
  auto list =
      std::make_shared<partition_list_handle>(rd_kafka_topic_partition_list_new(static_cast<int>(settings_.topics.size())));
  for (const std::string& topic : settings_.topics) {
    rd_kafka_topic_partition_list_add(list->get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  auto code = std::make_shared<rd_kafka_resp_err_t>(RD_KAFKA_RESP_ERR_NO_ERROR);
  ++telling_;
  co_await pool_.run([client = client_.get(), list, code] { *code = rd_kafka_subscribe(client, list->get()); });
  --telling_;
  if (*code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(failure_of(*code, "cannot subscribe"));
}

asio::awaitable<void> consumer::impl::follow_group() {
  for (;;) {
    while (rebalances_.empty()) co_await rebalance_arrived_.wait(asio::use_awaitable);
    const rebalance change = std::move(rebalances_.front());
    rebalances_.pop_front();
    answering_ = true;
    taking_over_ = change.assign;
    if (change.assign)
      co_await take_over(change);
    else
      co_await hand_over(change);
    answering_ = taking_over_ = false;
  }
}

// The group has changed its mind while an assignment was being prepared.
bool consumer::impl::asked_back(const assigned_partition& partition) const {
  return std::any_of(rebalances_.begin(), rebalances_.end(), [&](const rebalance& change) {
    const rd_kafka_topic_partition_list_t* const list = rd_kafka_event_topic_partition_list(change.event.get());
    return !change.assign && rd_kafka_topic_partition_list_find(list, partition.topic.c_str(), partition.partition) != nullptr;
  });
}

// All are asked back. (Some are handed over next. That something is lost says nothing: it may be partitions of another topic.)
bool consumer::impl::superseded(const std::vector<assigned_partition>& partitions) const {
  return phase_ != phase::running || std::all_of(partitions.begin(), partitions.end(),
                                                 [this](const assigned_partition& partition) { return asked_back(partition); });
}

asio::awaitable<void> consumer::impl::take_over(const rebalance& change) {
  const rd_kafka_topic_partition_list_t* const list = rd_kafka_event_topic_partition_list(change.event.get());
  std::vector<assigned_partition> partitions;
  for (int i = 0; i < list->cnt; ++i) {
    assigned_partition& added = partitions.emplace_back();
    added.topic = list->elems[i].topic;
    added.partition = list->elems[i].partition;
    added.slot = slot_of({added.topic, added.partition});
  }
  bool ready = true;
  if (!partitions.empty()) {
    co_await check_topics(std::min(options_.request_timeout, question_by_the_way));
    ready = co_await find_places(partitions);
  }
  if (ready) {
    co_await handler_.on_assign(partitions);
    open(partitions);
  }
  // A group that is being left asks for everything back; that is the one question it wants an answer to (answer()).
  if (phase_ != phase::running && (!partitions.empty() || !assignment().empty())) co_return;
  partition_list_handle start = copy_of(list);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    // Not ready: the group wants an answer all the same; nobody drains these, and they are taken away again presently.
    start->elems[i].offset = !ready                     ? RD_KAFKA_OFFSET_STORED
                             : partitions[i].start >= 0 ? partitions[i].start
                                                        : 0; // no query of librdkafka's, which might win over begin_late()
  }
  co_await answer(change, std::move(start));
  if (!ready) co_return;
  joined_ = ever_joined_ = true;
  note_reachable();
  for (const assigned_partition& partition : partitions) begin_intake(partition.slot);
  log(severity::info, "partitions assigned", {{"group", settings_.group}, {"partitions", std::to_string(partitions.size())}});
}

// Unless the next rebalance has come meanwhile and stopped it before it began, or nobody knows yet where. What has come already
// rang when nobody listened to it, and does not ring again.
void consumer::impl::begin_intake(slot_id id) {
  const partition_slot& slot = slots_[id];
  if (!slot.taken || slot.stopped || slot.start < 0) return;
  if (schedule_.contains(id))
    schedule_.mark_ready(id);
  else
    schedule_.add(id);
  wakeups_.interrupt();
}

void consumer::impl::open(std::vector<assigned_partition>& partitions) {
  for (assigned_partition& partition : partitions) {
    partition_slot& slot = slots_[partition.slot];
    if (slot.queue) wakeups::unwatch(slot.queue.get());
    slot.queue.reset(rd_kafka_queue_get_partition(client_.get(), partition.topic.c_str(), partition.partition));
    TOCSIN_ASSERT(slot.queue != nullptr);
    rd_kafka_queue_forward(slot.queue.get(), nullptr);
    wakeups_.watch(slot.queue.get(), partition.slot);
    slot.taken = true;
    ++slot.tenure;
    slot.stopped = false;
    slot.start = slot.expected = partition.start >= 0 ? partition.start : -1;
    slot.asked = {partition.low, partition.high};
    slot.expected_deleted = slot.expected_beyond = slot.misplaced = false;
    slot.moves_left = 0;
    slot.shown_when_asked = slot.shown;
    slot.topic_known = options_.memory.topic_ids.contains(partition.topic);
    slot.committed.reset();
    if (partition.committed)
      slot.committed.emplace(*partition.committed, partition.metadata);
    else if (slot.start >= 0)
      slot.committed.emplace(slot.start, "");
    if (partition.low && slot.expected >= 0 && *partition.low > slot.expected) {
      partition.start = *partition.low;
      report_deleted(partition.slot, *partition.low);
    }
  }
}

std::vector<slot_id> consumer::impl::slots_in(const rd_kafka_topic_partition_list_t* list) {
  std::vector<slot_id> slots;
  for (int i = 0; i < list->cnt; ++i) slots.push_back(slot_of({list->elems[i].topic, list->elems[i].partition}));
  return slots;
}

void consumer::impl::stop_intake(std::span<const slot_id> slots) {
  for (const slot_id slot : slots) {
    slots_[slot].stopped = true;
    schedule_.remove(slot);
  }
}

asio::awaitable<void> consumer::impl::hand_over(const rebalance& change) {
  const rd_kafka_topic_partition_list_t* const list = rd_kafka_event_topic_partition_list(change.event.get());
  std::vector<slot_id> slots = slots_in(list);
  stop_intake(slots); // an assignment answered since it was asked for may have begun with them
  std::erase_if(slots, [this](slot_id slot) { return !slots_[slot].taken; });
  // Whatever was asked for: the answer to a group that is being left gives up all of them (answer()), also where the order to
  // leave comes only now.
  if (left_) co_return;
  if (phase_ != phase::running && !change.lost) slots = assignment();
  co_await give_up(slots, change.lost);
  if (phase_ != phase::running && !assignment().empty()) co_await give_up(assignment(), false);
  co_await answer(change, copy_of(list));
  if (assignment().empty() || !incremental_) joined_ = false;
  for (slot_id id = 0; id < slots_.size(); ++id) {
    partition_slot& slot = slots_[id];
    if (slot.taken || !slot.queue) continue;
    TOCSIN_ASSERT(!schedule_.contains(id));
    wakeups::unwatch(slot.queue.get());
    slot.queue.reset();
  }
}

asio::awaitable<void> consumer::impl::give_up(std::vector<slot_id> slots, bool lost) {
  stop_intake(slots);
  const std::string count = std::to_string(slots.size());
  if (lost) {
    log(severity::warning, "partitions lost: the group has given them to others",
        {{"group", settings_.group}, {"partitions", count}});
    handler_.on_lost(slots);
  } else {
    log(severity::info, "partitions revoked", {{"group", settings_.group}, {"partitions", count}});
    co_await handler_.on_revoke(slots);
  }
  for (const slot_id slot : slots) slots_[slot].taken = false;
}

// librdkafka takes the first answer after the order to close as the giving up of everything, ends the group, and leaves any
// further call without a reply: one answer then, and none under way while the order is given (end_run()).
asio::awaitable<void> consumer::impl::answer(const rebalance& change, partition_list_handle list) {
  if (phase_ != phase::running && std::exchange(left_, true)) co_return;
  struct outcome {
    partition_list_handle list;
    error_handle error;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    bool incremental = false;
    std::string member_id;
    std::int32_t generation = -1;
  };
  auto done = std::make_shared<outcome>();
  done->list = std::move(list);
  done->incremental = incremental_;
  ++telling_;
  co_await pool_.run([client = client_.get(), assign = change.assign, closing = left_, done] {
    const char* const protocol = rd_kafka_rebalance_protocol(client); // none once the group is left
    if (protocol != nullptr) done->incremental = std::string_view(protocol) == "COOPERATIVE";
    if (!done->incremental)
      done->code = rd_kafka_assign(client, assign ? done->list.get() : nullptr);
    else if (assign)
      done->error.reset(rd_kafka_incremental_assign(client, done->list.get()));
    else
      done->error.reset(rd_kafka_incremental_unassign(client, done->list.get()));
    if (done->error) done->code = rd_kafka_error_code(done->error.get());
    if (closing) return;
    if (rd_kafka_consumer_group_metadata_t* const group = rd_kafka_consumer_group_metadata(client)) {
      done->member_id = rd_kafka_consumer_group_metadata_member_id(group);
      done->generation = rd_kafka_consumer_group_metadata_generation_id(group);
      rd_kafka_consumer_group_metadata_destroy(group);
    }
  });
  --telling_;
  incremental_ = done->incremental;
  member_id_ = done->member_id;
  generation_ = done->generation < 0 ? std::nullopt : std::optional(done->generation);
  if (done->code == RD_KAFKA_RESP_ERR_NO_ERROR || phase_ != phase::running) co_return;
  log(severity::error, "kafka refused the answer to a rebalance",
      {{"error", failure_of(done->code, {}, done->error ? rd_kafka_error_string(done->error.get()) : "").message}});
}

group_view consumer::impl::group() const {
  group_view view;
  if (answering_ || !rebalances_.empty())
    view.state = group_state::rebalancing;
  else if (joined_)
    view.state = group_state::stable;
  else
    view.state = ever_joined_ ? group_state::rebalancing : group_state::joining;
  view.member_id = member_id_;
  view.protocol = consumer_protocol_ ? "consumer" : "classic";
  view.generation = generation_;
  view.connected = reachable_.value_or(false);
  view.last_error = last_error_;
  return view;
}

slot_name consumer::impl::name_of(slot_id slot) const { return {slots_.at(slot).name.topic, slots_.at(slot).name.partition}; }

std::vector<slot_id> consumer::impl::assignment() const {
  std::vector<slot_id> taken;
  for (slot_id slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].taken) taken.push_back(slot);
  }
  return taken;
}

consumer_memory consumer::impl::memory() const {
  consumer_memory made = options_.memory;
  made.slots.clear();
  for (const partition_slot& slot : slots_) made.slots.push_back({slot.name, slot.said});
  return made;
}

std::string_view to_string(group_state state) noexcept {
  switch (state) {
  case group_state::joining: return "joining";
  case group_state::stable: return "stable";
  case group_state::rebalancing: return "rebalancing";
  }
  return "";
}

} // namespace tocsin::kafka
