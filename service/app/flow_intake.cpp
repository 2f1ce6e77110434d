// The consumer's side of the flow: records, assignments, revocations.
#include "app/flow.hpp"

#include <boost/container_hash/hash.hpp>

#include <algorithm>

namespace tocsin::app {

namespace {

// Events with the same order key are in the same lane. A hash is enough: keys whose hashes meet wait for each other and no more.
delivery::lane_key lane_of(std::string_view key) noexcept { return boost::hash<std::string_view>()(key); }

} // namespace

bool flow::wants_records(kafka::slot_id slot) { return !draining_ && engine_.wants(slot); }

void flow::on_record(kafka::record&& received) {
  const auto slot = received.slot();
  const auto offset = received.offset();
  if (!engine_.assigned(slot) || engine_.arrive(slot, offset) != delivery::offset_tracker::arrival::fresh) return;

  const auto now = clock::now();
  tell_settled(now); // places of events that have left are free before one is taken
  const auto& partition = partitions_.at(slot);
  const auto value = received.value();
  const auto bytes = static_cast<std::uint32_t>(value ? value->size() : 0);
  parts_.metrics.received(partition.topic_index, bytes);

  record_headers_.clear();
  if (parts_.transformer.uses_headers())
    for (const auto& header : received.headers()) record_headers_.push_back({header.name, header.value});
  const transform::record_view view{
      received.topic(), received.partition(), offset, received.timestamp_ms(), received.key(), value, record_headers_};
  parts_.transformer.transform(view, verdict_);
  if (verdict_.order_by_failed) parts_.metrics.expression_error(observe::expression_place::order_by);
  for (std::uint32_t n = 0; n < verdict_.skip_failures; ++n) parts_.metrics.expression_error(observe::expression_place::skip);

  switch (verdict_.kind) {
  case transform::verdict_kind::skip:
    engine_.offer_skipped(slot, offset);
    parts_.metrics.skipped(partition.topic_index, parts_.metrics.rule_index(verdict_.rule));
    parts_.metrics.settled(partition.topic_index, delivery::settlement::skipped, std::chrono::nanoseconds(0));
    break;
  case transform::verdict_kind::refuse: {
    const auto id = engine_.offer_refused(slot, offset, bytes, now);
    auto& stored = store_.put(id, std::move(received), partition.topic_index, nullptr);
    stored.reason = transform::to_string(verdict_.reason);
    stored.detail = verdict_.detail;
    parts_.metrics.refused(partition.topic_index, stored.reason);
    log_outcome(id, "event refused");
    break;
  }
  case transform::verdict_kind::deliver: {
    std::optional<delivery::lane_key> lane;
    if (std::holds_alternative<config::order_by_partition>(parts_.settings.event.order_by)) {
      lane = slot;
    } else if (verdict_.order_key) {
      lane = lane_of(*verdict_.order_key);
    }
    const auto id = engine_.offer(slot, offset, bytes, lane, now);
    store_.put(id, std::move(received), partition.topic_index, verdict_.mapped ? &verdict_.body : nullptr);
    break;
  }
  }
  kick();
}

boost::asio::awaitable<void> flow::on_assign(std::vector<kafka::assigned_partition>& partitions) {
  for (const auto& assigned : partitions) {
    auto& entry = partitions_.at(assigned.slot);
    entry.topic = assigned.topic;
    entry.topic_index = parts_.metrics.topic_index(assigned.topic).value_or(0);
    entry.partition = assigned.partition;
    entry.waits = assigned.start < 0;
    entry.committed = assigned.committed;
    engine_.release(assigned.slot, clock::now());
    if (assigned.start >= 0)
      on_start(assigned);
    else
      log::warning("partition assigned, but where it begins nobody can say: it waits for a leader",
                   {{"topic", assigned.topic}, {"partition", assigned.partition}});
  }
  commits_suspended_ = false;
  joined_ = true;
  parts_.metrics.rebalanced(observe::rebalance::assign);
  kick();
  co_return;
}

void flow::on_start(const kafka::assigned_partition& assigned) {
  auto& entry = partitions_.at(assigned.slot);
  entry.first_position = assigned.start;
  entry.committed = assigned.committed;
  entry.waits = false;
  // An ack map speaks of the offset that it stands beside, and of no more than there is: else it is not believed.
  const auto map = assigned.committed == assigned.start ? delivery::decode(assigned.metadata, assigned.start) : std::nullopt;
  const bool of_another_log = map && assigned.high && map->horizon > *assigned.high;
  if (of_another_log)
    log::warning(
        "a partition ends before what was settled of it: its log was cut or made anew",
        {{"topic", assigned.topic}, {"partition", assigned.partition}, {"settled_to", map->horizon}, {"end", *assigned.high}});
  const bool at_the_end = !assigned.committed && parts_.settings.kafka.start == config::start_policy::latest;
  using begins_at = delivery::engine::begins_at;
  engine_.assign(assigned.slot, assigned.start, map && !of_another_log ? std::string_view(assigned.metadata) : std::string_view(),
                 at_the_end || assigned.begins_anew ? begins_at::chosen : begins_at::committed);
  log::info("partition assigned", {{"topic", assigned.topic}, {"partition", assigned.partition}, {"offset", assigned.start}});
  kick();
}

boost::asio::awaitable<void> flow::on_revoke(std::vector<kafka::slot_id> slots) {
  const auto now = clock::now();
  for (const auto slot : slots) engine_.stop(slot, now);
  // Long enough for most attempts, short enough for the others in the group; at the end, as long as the operator gives.
  co_await finish(slots, draining_ ? drain_deadline_ : now + std::chrono::seconds(3));
  for (const auto slot : slots) {
    engine_.release(slot, clock::now());
    auto& entry = partitions_.at(slot);
    entry.waits = false;
    log::info("partition handed over", {{"topic", entry.topic}, {"partition", entry.partition}});
  }
  parts_.metrics.rebalanced(observe::rebalance::revoke);
  pump();
}

void flow::on_lost(std::span<const kafka::slot_id> slots) {
  for (const auto slot : slots) {
    engine_.release(slot, clock::now());
    auto& entry = partitions_.at(slot);
    entry.waits = false;
    log::warning("partition lost: the group has given it to another member, or will",
                 {{"topic", entry.topic}, {"partition", entry.partition}});
  }
  parts_.metrics.rebalanced(observe::rebalance::lost);
  kick();
}

void flow::on_gap(kafka::slot_id slot, std::int64_t from, std::int64_t to) {
  if (!engine_.assigned(slot)) return;
  auto& entry = partitions_.at(slot);
  if (to > from) {
    // Deleted before it was read. What was read before is still ours to deliver: the engine's offsets may have gaps.
    parts_.metrics.gap(entry.topic_index, static_cast<std::uint64_t>(to - from));
    return;
  }
  // Other records come with these offsets; who has the partition next learns it from what is committed of them.
  const auto now = clock::now();
  tell_settled(now);
  const auto before = engine_.logless();
  const auto dropped_before = engine_.totals().dropped;
  engine_.begin_anew(slot, to, now);
  const auto of_it = engine_.logless() - before;
  const auto dropped = engine_.totals().dropped - dropped_before;
  tell_settled(now, log_is_gone);
  entry.first_position = to;
  entry.committed.reset();
  if (of_it > 0)
    log::warning("events of a log that is gone are in progress: they go on, ahead of those of the new one",
                 {{"topic", entry.topic}, {"partition", entry.partition}, {"events", of_it}});
  if (dropped > 0)
    log::error("events are lost: the log that they came from is gone, and they waited while their partition was handed over",
               {{"topic", entry.topic}, {"partition", entry.partition}, {"events", dropped}});
  kick();
}

void flow::on_outdated() { parts_.on_outdated(); }

void flow::on_error(const kafka::failure& error) { parts_.metrics.kafka_error(error.code); }

void flow::on_fatal(const kafka::failure& error) { parts_.on_fatal(error.message); }

} // namespace tocsin::app
