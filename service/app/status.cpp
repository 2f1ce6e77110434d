#include "app/status.hpp"

#include <algorithm>
#include <unistd.h>

namespace tocsin::app {

namespace {

using std::chrono::system_clock;

// The steady clock's time as the wall clock shows it now.
system_clock::time_point to_wall(std::chrono::steady_clock::time_point at) {
  const auto distance = at - std::chrono::steady_clock::now();
  return system_clock::now() + std::chrono::duration_cast<system_clock::duration>(distance);
}

std::optional<system_clock::time_point> to_time(std::optional<std::int64_t> unix_ms) {
  if (!unix_ms) return std::nullopt;
  return system_clock::time_point(std::chrono::milliseconds(*unix_ms));
}

bool is_assigned(flow& flow, kafka::slot_id slot) {
  return flow.engine().assigned(slot) || flow.partitions().entries()[slot].waits;
}

partition_status partition_of(flow& flow, const kafka::consumer& consumer, kafka::slot_id slot) {
  const auto& entry = flow.partitions().entries()[slot];
  const auto marks = consumer.watermarks_of(slot);
  partition_status made;
  made.topic = entry.topic;
  made.partition = entry.partition;
  made.committed = entry.committed;
  made.low = marks.low;
  made.high = marks.high;
  if (entry.waits) return made;
  const auto told = flow.engine().status(slot);
  made.position = told.position;
  if (marks.high) made.lag = std::max<std::int64_t>(*marks.high - entry.committed.value_or(entry.first_position), 0);
  made.in_progress = told.in_progress;
  if (told.oldest_unsettled)
    made.oldest_unsettled = oldest_unsettled{*told.oldest_unsettled, to_time(flow.timestamp_of(*told.oldest_unsettled_id))};
  return made;
}

endpoint_status endpoint_of(const config::settings& settings, flow& flow) {
  auto& engine = flow.engine();
  endpoint_status made;
  made.url = settings.endpoint.url;
  made.state = delivery::to_string(engine.endpoint(std::chrono::steady_clock::now()));
  made.since = flow.endpoint_since();
  if (const auto reopens = engine.health().reopens_at(); reopens != delivery::never) made.closed_until = to_wall(reopens);
  made.in_flight = engine.in_flight();
  made.limit = engine.health().limit();
  made.last_success = flow.last_success();
  made.last_error = flow.last_error();
  return made;
}

} // namespace

std::string instance_name(const config::settings& settings) {
  if (!settings.kafka.instance_id.empty()) return settings.kafka.instance_id;
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("tocsin");
}

relay_status status_of(const status_source& source) {
  auto& engine = source.flow.engine();
  relay_status made;
  made.instance = instance_name(source.settings);
  made.state = source.draining ? "draining" : source.flow.joined() ? "running" : "starting";
  made.uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - source.began);

  const auto group = source.consumer.group();
  made.group = {source.settings.kafka.group, std::string(group.protocol), std::string(kafka::to_string(group.state)),
                group.member_id, group.generation};
  made.endpoint = endpoint_of(source.settings, source.flow);
  const auto slots = static_cast<kafka::slot_id>(source.flow.partitions().entries().size());
  for (kafka::slot_id slot = 0; slot < slots; ++slot)
    if (is_assigned(source.flow, slot)) made.partitions.push_back(partition_of(source.flow, source.consumer, slot));
  std::sort(made.partitions.begin(), made.partitions.end(),
            [](const auto& a, const auto& b) { return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition); });

  const auto& ledger = engine.totals();
  made.totals = {ledger.received, ledger.delivered,   ledger.skipped, ledger.dead_lettered, ledger.dropped,
                 ledger.returned, ledger.in_progress, ledger.retries, ledger.sent_again};
  return made;
}

void publish_partitions(flow& flow, const kafka::consumer& consumer, observe::metrics& metrics) {
  std::vector<observe::partition_gauges> gauges;
  const auto slots = static_cast<kafka::slot_id>(flow.partitions().entries().size());
  for (kafka::slot_id slot = 0; slot < slots; ++slot) {
    if (!is_assigned(flow, slot)) continue;
    const auto told = partition_of(flow, consumer, slot);
    observe::partition_gauges made;
    made.topic = flow.partitions().entries()[slot].topic_index;
    made.partition = told.partition;
    made.committed = told.committed;
    made.high = told.high;
    made.lag = told.lag;
    if (told.oldest_unsettled) made.oldest_unsettled = told.oldest_unsettled->timestamp;
    gauges.push_back(made);
  }
  metrics.publish_partitions(std::move(gauges));
}

} // namespace tocsin::app
