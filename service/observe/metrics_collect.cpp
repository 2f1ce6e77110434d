#include "observe/family.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "observe/metrics_cells.hpp"

#include <fmt/format.h>

namespace tocsin::observe {
namespace {

using delivery::outcome, delivery::retry_reason, delivery::settlement;

constexpr std::array outcomes{outcome::delivered, outcome::skipped, outcome::rejected, outcome::try_again,
                              outcome::endpoint_fault};
constexpr std::array settlements{settlement::delivered, settlement::skipped, settlement::dead_lettered, settlement::dropped,
                                 settlement::returned};
constexpr std::array retry_reasons{retry_reason::status, retry_reason::timeout, retry_reason::connect, retry_reason::dns,
                                   retry_reason::tls,    retry_reason::reset,   retry_reason::protocol};
constexpr std::string_view progress_states[]{"queued", "sending", "waiting_retry", "dead_lettering"};
constexpr std::string_view expression_places[]{"order_by", "skip", "responses"};
constexpr std::array endpoint_states{delivery::endpoint_state::up, delivery::endpoint_state::down,
                                     delivery::endpoint_state::probing};
constexpr std::string_view pause_causes[]{"operator", "window", "endpoint", "drain"};
constexpr std::string_view rebalances[]{"assign", "revoke", "lost"};
constexpr std::string_view commit_outcomes[]{"ok", "failed"};

template <typename Enum>
constexpr std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

// One series for each known name, and `other` once there is something in it.
void add_named(family& to, const std::string& topic, std::string_view label, const std::vector<std::string>& names,
               const std::vector<counter_cell>& cells) {
  for (std::size_t i = 0; i < names.size(); ++i) to.add({{"topic", topic}, {label, names[i]}}, cells[i]);
  if (cells.back().value() > 0) to.add({{"topic", topic}, {label, "other"}}, cells.back());
}

// A label value that stands in a series from the start, for each outcome: the answer that usually means it.
bool shown_at_zero(outcome what, std::size_t slot) {
  constexpr std::size_t usual[]{200 - 99, 200 - 99, 400 - 99, 503 - 99, 0};
  return slot == usual[index(what)] || (slot == 0 && what == outcome::try_again);
}

} // namespace

// The families of observe::metrics, one function a subject.
class metrics_collection {
public:
  explicit metrics_collection(const metrics& from) : layout_(from.layout_), cells_(*from.cells_), from_(from) {}

  std::vector<prometheus::MetricFamily> collect() {
    events();
    attempts();
    endpoint();
    kafka();
    partitions();
    process();
    return std::move(families_);
  }

private:
  void add(family of) { families_.push_back(of.take()); }

  // Adds to the family what `add_topic` makes of each topic.
  template <typename F>
  void each_topic(family of, F add_topic) {
    for (std::size_t i = 0; i < layout_.topics.size(); ++i) add_topic(of, layout_.topics[i], cells_.topics[i]);
    add(std::move(of));
  }

  template <typename Names, typename Cells>
  void each_name(family of, std::string_view label, const Names& names, const Cells& cells) {
    std::size_t i = 0;
    for (const auto& name : names) of.add({{label, name}}, cells[i++]);
    add(std::move(of));
  }

  void events() {
    using cells = metrics::topic_cells;
    using name = const std::string&;
    each_topic(family::counter("tocsin_events_received_total", "Records taken from Kafka."),
               [](family& to, name topic, const cells& of) { to.add({{"topic", topic}}, of.received); });
    each_topic(family::counter("tocsin_bytes_received_total", "Bytes of the values of the records taken from Kafka."),
               [](family& to, name topic, const cells& of) { to.add({{"topic", topic}}, of.bytes); });
    each_topic(family::counter("tocsin_events_settled_total",
                               "Events that left the relay, by how. Received minus settled is what is in progress."),
               [](family& to, name topic, const cells& of) {
                 for (const settlement how : settlements)
                   to.add({{"topic", topic}, {"outcome", delivery::to_string(how)}}, of.settled[index(how)]);
               });
    each_topic(
        family::counter("tocsin_events_refused_total", "Events that could not become a request."),
        [this](family& to, name topic, const cells& of) { add_named(to, topic, "reason", layout_.refusal_reasons, of.refused); });
    each_topic(family::counter("tocsin_events_skipped_total", "Events skipped by a rule of event.skip or endpoint.responses."),
               [this](family& to, name topic, const cells& of) { add_named(to, topic, "rule", layout_.skip_rules, of.skipped); });
    each_topic(family::counter("tocsin_dead_letters_total", "Events that the dead-letter topic has acknowledged."),
               [this](family& to, name topic, const cells& of) {
                 add_named(to, topic, "reason", layout_.dead_letter_reasons, of.dead_lettered);
               });
    add(family::counter("tocsin_dead_letter_errors_total", "Failed attempts to write to the dead-letter topic.")
            .add({}, cells_.dead_letter_errors));
    each_topic(
        family::histogram("tocsin_event_age_seconds", "From a record's Kafka timestamp to its acceptance by the endpoint."),
        [](family& to, name topic, const cells& of) { to.add({{"topic", topic}}, of.age); });
    each_topic(family::counter("tocsin_kafka_gap_records_total", "Records that retention deleted before they were read."),
               [](family& to, name topic, const cells& of) { to.add({{"topic", topic}}, of.gap_records); });
    each_name(family::gauge("tocsin_events_in_progress", "Events received and not settled, by what they wait for."), "state",
              progress_states, cells_.in_progress);
    each_name(family::counter("tocsin_expression_errors_total",
                              "Expressions of the configuration that failed for an event or an answer."),
              "where", expression_places, cells_.expression_errors);
  }

  void attempts() {
    family attempts = family::counter("tocsin_attempts_total", "Requests to the endpoint, by what came of them and HTTP status.");
    family durations = family::histogram("tocsin_request_duration_seconds", "One attempt, from its first byte to the end.");
    for (const outcome what : outcomes) {
      const auto& codes = cells_.attempts[index(what)];
      for (std::size_t slot = 0; slot < status_slots; ++slot)
        if (codes[slot].value() > 0 || shown_at_zero(what, slot))
          attempts.add({{"outcome", delivery::to_string(what)}, {"code", slot ? fmt::to_string(slot + 99) : "none"}},
                       codes[slot]);
      durations.add({{"outcome", delivery::to_string(what)}}, cells_.request_duration[index(what)]);
    }
    add(std::move(attempts));
    add(std::move(durations));
    family deliveries = family::histogram("tocsin_delivery_duration_seconds", "From reception to settlement, waits included.");
    for (const settlement how : settlements)
      deliveries.add({{"outcome", delivery::to_string(how)}}, cells_.delivery_duration[index(how)]);
    add(std::move(deliveries));
    family retries = family::counter("tocsin_retries_total", "Attempts that had to be made again, by why.");
    family errors = family::counter("tocsin_connection_errors_total", "Connections to the endpoint that failed, by how.");
    for (const retry_reason why : retry_reasons) {
      retries.add({{"reason", delivery::to_string(why)}}, cells_.retries[index(why)]);
      if (why != retry_reason::status) errors.add({{"type", delivery::to_string(why)}}, cells_.connection_errors[index(why)]);
    }
    add(std::move(retries));
    add(std::move(errors));
  }

  void endpoint() {
    family states = family::gauge("tocsin_endpoint_state", "1 for the state that the endpoint is in.");
    for (const delivery::endpoint_state state : endpoint_states)
      states.add({{"state", delivery::to_string(state)}},
                 cells_.endpoint_state.value() == std::int64_t(index(state)) ? 1.0 : 0.0);
    add(std::move(states));
    add(family::gauge("tocsin_connections", "Connections to the endpoint.")
            .add({{"state", "active"}}, cells_.connections_active)
            .add({{"state", "idle"}}, cells_.connections_idle));
    add(family::counter("tocsin_connections_opened_total", "Connections to the endpoint that were established.")
            .add({}, cells_.connections_opened));
    add(family::gauge("tocsin_in_flight", "Requests being answered.").add({}, cells_.in_flight));
    add(family::gauge("tocsin_in_flight_limit", "Requests that may be in flight at once, as the endpoint's health allows.")
            .add({}, cells_.in_flight_limit));
    each_name(family::gauge("tocsin_paused", "1 while nothing new is taken from Kafka, by why."), "by", pause_causes,
              cells_.paused);
  }

  void kafka() {
    each_name(family::counter("tocsin_kafka_rebalances_total", "Assignments and revocations by the consumer group."), "type",
              rebalances, cells_.rebalances);
    each_name(family::counter("tocsin_kafka_commits_total", "Commits of offsets."), "outcome", commit_outcomes, cells_.commits);
    family errors = family::counter("tocsin_kafka_errors_total", "Errors that librdkafka reported, by its name of the code.");
    const std::lock_guard lock(from_.slow_);
    for (const auto& [code, count] : from_.kafka_errors_) errors.add({{"code", code}}, count);
    add(std::move(errors));
  }

  void partitions() {
    family lag = family::gauge("tocsin_kafka_lag", "High watermark minus committed offset (or the first position before it).");
    family committed = family::gauge("tocsin_kafka_committed_offset", "The committed offset; absent before the first commit.");
    family high = family::gauge("tocsin_kafka_high_offset", "The high watermark.");
    family oldest = family::gauge("tocsin_kafka_oldest_unsettled_timestamp_seconds",
                                  "Kafka timestamp of the oldest record that is not settled; 0: nothing waits.");
    std::vector<std::uint64_t> assigned(layout_.topics.size(), 0);
    {
      const std::lock_guard lock(from_.slow_);
      for (const partition_gauges& each : from_.partitions_) {
        ++assigned[each.topic];
        const std::string number = fmt::to_string(each.partition);
        const labels of{{"topic", layout_.topics[each.topic]}, {"partition", number}};
        if (each.lag) lag.add(of, *each.lag);
        if (each.committed) committed.add(of, *each.committed);
        if (each.high) high.add(of, *each.high);
        const auto since_epoch = each.oldest_unsettled.value_or(std::chrono::system_clock::time_point{}).time_since_epoch();
        oldest.add(of, std::chrono::duration<double>(since_epoch).count());
      }
    }
    for (family* each : {&lag, &committed, &high, &oldest}) add(std::move(*each));
    each_name(family::gauge("tocsin_kafka_assigned_partitions", "Partitions assigned to this process."), "topic", layout_.topics,
              assigned);
  }

  void process() {
    add(family::gauge("tocsin_build_info", "What runs: always 1.")
            .add({{"version", layout_.build.version},
                  {"revision", layout_.build.revision},
                  {"librdkafka", layout_.build.librdkafka}},
                 1.0));
    add(family::histogram("tocsin_loop_lag_seconds", "By how much a timer of the thread fired too late.")
            .add({{"loop", "relay"}}, cells_.loop_lag));
    add(family::gauge("tocsin_config_reload_success", "1 if the last configuration that was read could be used.")
            .add({}, cells_.config_success));
    add(family::gauge("tocsin_config_reload_timestamp_seconds", "When the configuration in use was read.")
            .add({}, cells_.config_time.load(std::memory_order_relaxed)));
    family logged = family::counter("tocsin_log_messages_total", "Log records written, by level.");
    const auto counts = log::counts();
    for (std::size_t i = 0; i < counts.size(); ++i) logged.add({{"level", log::to_string(log::log_level(i))}}, counts[i]);
    add(std::move(logged));
  }

  const metrics_layout& layout_;
  const metrics::cells& cells_;
  const metrics& from_;
  std::vector<prometheus::MetricFamily> families_;
};

std::vector<prometheus::MetricFamily> metrics::Collect() const { return metrics_collection(*this).collect(); }

} // namespace tocsin::observe
