#include "exposition_checker.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace tocsin::observe {
namespace {

using namespace std::chrono_literals;
using delivery::outcome, delivery::retry_reason, delivery::settlement;

metrics_layout layout() {
  metrics_layout value;
  value.build = {"0.1.0", "abc", "2.14.2"};
  value.topics = {"event", "other"};
  value.skip_rules = {"informational", "no_matching_instance", "informational"};
  return value;
}

test::exposition_content read(const metrics& from, exposition format = exposition::prometheus_text) {
  const prometheus::Collectable* const sources[]{&from};
  return test::check_exposition(render(sources, format), format);
}

double sample(const metrics& from, const std::string& name) {
  const auto samples = read(from).samples;
  const auto found = samples.find(name);
  return found == samples.end() ? -1 : found->second;
}

// name{label="each of values"} for every value, for every topic where `by_topic`.
void expect_at_zero(const std::map<std::string, double>& samples, const std::string& name, const std::string& label,
                    std::initializer_list<const char*> values, bool by_topic = false) {
  for (const char* topic : {"event", "other"})
    for (const char* value : values) {
      const std::string labels = fmt::format("{}{}=\"{}\"", by_topic ? fmt::format("topic=\"{}\",", topic) : "", label, value);
      const auto found = samples.find(fmt::format("{}{{{}}}", name, labels));
      ASSERT_NE(found, samples.end()) << name << labels;
      EXPECT_EQ(found->second, 0) << name << labels;
    }
}

TEST(metrics, every_family_is_there_with_its_type) {
  const auto types = read(metrics(layout())).types;
  const std::map<std::string, std::string> wanted{{"tocsin_build_info", "gauge"},
                                                  {"tocsin_events_received_total", "counter"},
                                                  {"tocsin_bytes_received_total", "counter"},
                                                  {"tocsin_events_settled_total", "counter"},
                                                  {"tocsin_events_refused_total", "counter"},
                                                  {"tocsin_events_skipped_total", "counter"},
                                                  {"tocsin_events_in_progress", "gauge"},
                                                  {"tocsin_dead_letters_total", "counter"},
                                                  {"tocsin_dead_letter_errors_total", "counter"},
                                                  {"tocsin_attempts_total", "counter"},
                                                  {"tocsin_retries_total", "counter"},
                                                  {"tocsin_expression_errors_total", "counter"},
                                                  {"tocsin_request_duration_seconds", "histogram"},
                                                  {"tocsin_delivery_duration_seconds", "histogram"},
                                                  {"tocsin_event_age_seconds", "histogram"},
                                                  {"tocsin_endpoint_state", "gauge"},
                                                  {"tocsin_connections", "gauge"},
                                                  {"tocsin_connections_opened_total", "counter"},
                                                  {"tocsin_connection_errors_total", "counter"},
                                                  {"tocsin_in_flight", "gauge"},
                                                  {"tocsin_in_flight_limit", "gauge"},
                                                  {"tocsin_kafka_lag", "gauge"},
                                                  {"tocsin_kafka_committed_offset", "gauge"},
                                                  {"tocsin_kafka_high_offset", "gauge"},
                                                  {"tocsin_kafka_oldest_unsettled_timestamp_seconds", "gauge"},
                                                  {"tocsin_kafka_assigned_partitions", "gauge"},
                                                  {"tocsin_kafka_gap_records_total", "counter"},
                                                  {"tocsin_kafka_rebalances_total", "counter"},
                                                  {"tocsin_kafka_commits_total", "counter"},
                                                  {"tocsin_kafka_errors_total", "counter"},
                                                  {"tocsin_paused", "gauge"},
                                                  {"tocsin_loop_lag_seconds", "histogram"},
                                                  {"tocsin_config_reload_success", "gauge"},
                                                  {"tocsin_config_reload_timestamp_seconds", "gauge"},
                                                  {"tocsin_log_messages_total", "counter"}};
  EXPECT_EQ(types, wanted);
}

TEST(metrics, known_series_are_at_zero_from_the_start) {
  const metrics fresh(layout());
  const auto samples = read(fresh).samples;
  for (const char* name : {"tocsin_events_received_total", "tocsin_bytes_received_total", "tocsin_kafka_gap_records_total",
                           "tocsin_kafka_assigned_partitions", "tocsin_event_age_seconds_count"})
    expect_at_zero(samples, name, "topic", {"event", "other"});
  expect_at_zero(samples, "tocsin_events_settled_total", "outcome",
                 {"delivered", "skipped", "dead_lettered", "dropped", "returned"}, true);
  expect_at_zero(samples, "tocsin_events_refused_total", "reason", {"not_json", "schema", "mapping", "too_large"}, true);
  expect_at_zero(samples, "tocsin_events_skipped_total", "rule", {"informational", "no_matching_instance"}, true);
  expect_at_zero(samples, "tocsin_dead_letters_total", "reason",
                 {"not_json", "schema", "mapping", "too_large", "rejected", "retries_exhausted", "expired"}, true);
  expect_at_zero(samples, "tocsin_events_in_progress", "state", {"queued", "sending", "waiting_retry", "dead_lettering"});
  expect_at_zero(samples, "tocsin_request_duration_seconds_count", "outcome",
                 {"delivered", "skipped", "rejected", "try_again", "endpoint_fault"});
  expect_at_zero(samples, "tocsin_delivery_duration_seconds_count", "outcome",
                 {"delivered", "skipped", "dead_lettered", "dropped", "returned"});
  expect_at_zero(samples, "tocsin_retries_total", "reason", {"status", "timeout", "connect", "dns", "tls", "reset", "protocol"});
  expect_at_zero(samples, "tocsin_expression_errors_total", "where", {"order_by", "skip", "responses"});
  expect_at_zero(samples, "tocsin_connections", "state", {"active", "idle"});
  expect_at_zero(samples, "tocsin_connection_errors_total", "type", {"dns", "connect", "tls", "reset", "timeout", "protocol"});
  expect_at_zero(samples, "tocsin_kafka_rebalances_total", "type", {"assign", "revoke", "lost"});
  expect_at_zero(samples, "tocsin_kafka_commits_total", "outcome", {"ok", "failed"});
  expect_at_zero(samples, "tocsin_paused", "by", {"operator", "window", "endpoint", "drain"});
  expect_at_zero(samples, "tocsin_loop_lag_seconds_count", "loop", {"relay"});
  expect_at_zero(samples, "tocsin_endpoint_state", "state", {"down", "probing"});
  for (const char* name :
       {"tocsin_dead_letter_errors_total", "tocsin_in_flight", "tocsin_in_flight_limit", "tocsin_connections_opened_total"})
    EXPECT_EQ(sample(fresh, name), 0) << name;
  for (const char* what : {"delivered", "skipped", "rejected", "try_again", "endpoint_fault"})
    EXPECT_TRUE(std::ranges::any_of(samples, [&](const auto& each) {
      return each.first.starts_with(fmt::format("tocsin_attempts_total{{outcome=\"{}\"", what)) && each.second == 0;
    })) << what;
  EXPECT_EQ(sample(fresh, "tocsin_endpoint_state{state=\"up\"}"), 1);
  EXPECT_EQ(sample(fresh, R"(tocsin_build_info{version="0.1.0",revision="abc",librdkafka="2.14.2"})"), 1);
  EXPECT_EQ(sample(fresh, "tocsin_config_reload_success"), 1);
}

TEST(metrics, the_way_of_an_event_is_counted_by_topic) {
  metrics probe(layout());
  probe.received(1, 700);
  probe.received(1, 300);
  probe.settled(1, settlement::skipped, 3ms);
  probe.skipped(1, probe.rule_index("no_matching_instance"));
  probe.refused(0, "schema");
  probe.dead_lettered(0, "retries_exhausted");
  probe.event_age(0, 20ms);
  probe.dead_letter_error();
  probe.expression_error(expression_place::responses);
  probe.in_progress({.queued = 1, .sending = 2, .waiting_retry = 3, .dead_lettering = 4});
  const auto samples = read(probe).samples;
  EXPECT_EQ(samples.at(R"(tocsin_events_received_total{topic="other"})"), 2);
  EXPECT_EQ(samples.at(R"(tocsin_events_received_total{topic="event"})"), 0);
  EXPECT_EQ(samples.at(R"(tocsin_bytes_received_total{topic="other"})"), 1000);
  EXPECT_EQ(samples.at(R"(tocsin_events_settled_total{topic="other",outcome="skipped"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_delivery_duration_seconds_bucket{outcome="skipped",le="0.005"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_delivery_duration_seconds_bucket{outcome="skipped",le="0.0025"})"), 0);
  EXPECT_EQ(samples.at(R"(tocsin_events_skipped_total{topic="other",rule="no_matching_instance"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_events_refused_total{topic="event",reason="schema"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_dead_letters_total{topic="event",reason="retries_exhausted"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_event_age_seconds_bucket{topic="event",le="0.025"})"), 1);
  EXPECT_EQ(samples.at("tocsin_dead_letter_errors_total"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_expression_errors_total{where="responses"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_events_in_progress{state="waiting_retry"})"), 3);
  EXPECT_EQ(samples.at(R"(tocsin_events_in_progress{state="dead_lettering"})"), 4);
}

TEST(metrics, names_that_the_layout_does_not_have_are_counted_as_other) {
  metrics probe(layout());
  EXPECT_EQ(sample(probe, R"(tocsin_events_refused_total{topic="event",reason="other"})"), -1);
  probe.refused(0, "unheard_of");
  probe.dead_lettered(0, "unheard_of");
  probe.skipped(0, probe.rule_index("unheard_of"));
  EXPECT_EQ(sample(probe, R"(tocsin_events_refused_total{topic="event",reason="other"})"), 1);
  EXPECT_EQ(sample(probe, R"(tocsin_dead_letters_total{topic="event",reason="other"})"), 1);
  EXPECT_EQ(sample(probe, R"(tocsin_events_skipped_total{topic="event",rule="other"})"), 1);
  EXPECT_EQ(probe.topic_index("other"), 1U);
  EXPECT_EQ(probe.topic_index("unheard_of"), std::nullopt);
}

TEST(metrics, attempts_are_counted_by_outcome_and_status) {
  metrics probe(layout());
  probe.attempt(outcome::delivered, 204, 2ms);
  probe.attempt(outcome::try_again, 0, 15s);
  probe.attempt(outcome::rejected, 599, 1ms);
  probe.attempt(outcome::rejected, 600, 1ms);
  probe.retry(retry_reason::timeout);
  const auto samples = read(probe).samples;
  EXPECT_EQ(samples.at(R"(tocsin_attempts_total{outcome="delivered",code="204"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_attempts_total{outcome="try_again",code="none"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_attempts_total{outcome="rejected",code="599"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_attempts_total{outcome="rejected",code="none"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_request_duration_seconds_bucket{outcome="delivered",le="0.0025"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_request_duration_seconds_sum{outcome="try_again"})"), 15);
  EXPECT_EQ(samples.at(R"(tocsin_retries_total{reason="timeout"})"), 1);
}

TEST(metrics, the_endpoint_is_in_one_state_at_a_time) {
  metrics probe(layout());
  probe.set_endpoint_state(delivery::endpoint_state::probing);
  probe.connections(3, 61);
  probe.connection_opened();
  probe.connection_error(retry_reason::tls);
  probe.in_flight(3, 16);
  probe.paused(pause_cause::operator_request, true);
  const auto samples = read(probe).samples;
  EXPECT_EQ(samples.at(R"(tocsin_endpoint_state{state="up"})"), 0);
  EXPECT_EQ(samples.at(R"(tocsin_endpoint_state{state="probing"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_connections{state="active"})"), 3);
  EXPECT_EQ(samples.at(R"(tocsin_connections{state="idle"})"), 61);
  EXPECT_EQ(samples.at("tocsin_connections_opened_total"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_connection_errors_total{type="tls"})"), 1);
  EXPECT_EQ(samples.at("tocsin_in_flight"), 3);
  EXPECT_EQ(samples.at("tocsin_in_flight_limit"), 16);
  EXPECT_EQ(samples.at(R"(tocsin_paused{by="operator"})"), 1);
  probe.paused(pause_cause::operator_request, false);
  EXPECT_EQ(sample(probe, R"(tocsin_paused{by="operator"})"), 0);
}

TEST(metrics, partitions_are_those_last_published) {
  metrics probe(layout());
  probe.publish_partitions({{.topic = 0, .partition = 3, .high = 500, .lag = 500},
                            {.topic = 1,
                             .partition = 0,
                             .committed = 100,
                             .high = 500,
                             .lag = 400,
                             .oldest_unsettled = std::chrono::system_clock::time_point(1'500'000'000s)}});
  auto samples = read(probe).samples;
  EXPECT_EQ(samples.count(R"(tocsin_kafka_committed_offset{topic="event",partition="3"})"), 0U);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_lag{topic="event",partition="3"})"), 500);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_oldest_unsettled_timestamp_seconds{topic="event",partition="3"})"), 0);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_committed_offset{topic="other",partition="0"})"), 100);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_high_offset{topic="other",partition="0"})"), 500);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_oldest_unsettled_timestamp_seconds{topic="other",partition="0"})"), 1.5e9);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_assigned_partitions{topic="other"})"), 1);
  probe.publish_partitions({});
  samples = read(probe).samples;
  EXPECT_EQ(samples.count(R"(tocsin_kafka_lag{topic="event",partition="3"})"), 0U);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_assigned_partitions{topic="other"})"), 0);
}

TEST(metrics, kafka_events_are_counted) {
  metrics probe(layout());
  probe.gap(0, 17);
  probe.rebalanced(rebalance::lost);
  probe.commit(commit_outcome::failed);
  for (int i = 0; i < 100; ++i) probe.kafka_error(fmt::format("code_{}", i % 70));
  const auto samples = read(probe).samples;
  EXPECT_EQ(samples.at(R"(tocsin_kafka_gap_records_total{topic="event"})"), 17);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_rebalances_total{type="lost"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_commits_total{outcome="failed"})"), 1);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_errors_total{code="code_0"})"), 2);
  EXPECT_EQ(samples.at(R"(tocsin_kafka_errors_total{code="other"})"), 6) << "no more than 64 codes";
}

TEST(metrics, the_process_tells_of_itself) {
  metrics probe(layout());
  probe.loop_lag(2s);
  probe.config_loaded(true, std::chrono::system_clock::time_point(1'600'000'000s));
  probe.config_loaded(false, std::chrono::system_clock::time_point(1'700'000'000s));
  const double before = sample(probe, R"(tocsin_log_messages_total{level="error"})");
  log::error("a line for a test");
  EXPECT_EQ(sample(probe, R"(tocsin_log_messages_total{level="error"})"), before + 1);
  EXPECT_EQ(sample(probe, R"(tocsin_loop_lag_seconds_bucket{loop="relay",le="5"})"), 1);
  EXPECT_EQ(sample(probe, R"(tocsin_loop_lag_seconds_bucket{loop="relay",le="1"})"), 0);
  EXPECT_EQ(sample(probe, "tocsin_config_reload_success"), 0);
  EXPECT_EQ(sample(probe, "tocsin_config_reload_timestamp_seconds"), 1.6e9);
}

TEST(metrics, openmetrics_passes_a_strict_reader_too) {
  metrics probe(layout());
  probe.publish_partitions({{.topic = 0, .partition = 3, .committed = 9'007'199'254'740'993, .high = 500, .lag = 500}});
  probe.kafka_error("_ALL_BROKERS_DOWN");
  EXPECT_EQ(read(probe, exposition::openmetrics).samples.at("tocsin_dead_letter_errors_total"), 0);
}

TEST(metrics, may_be_read_while_the_relay_writes) {
  metrics probe(layout());
  std::jthread relay([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      probe.received(0, 1);
      probe.settled(0, settlement::delivered, 1ms);
      probe.publish_partitions({{.topic = 0, .partition = 1, .lag = 1}});
    }
  });
  double last = 0;
  for (int i = 0; i < 50; ++i) {
    const double now = sample(probe, R"(tocsin_events_received_total{topic="event"})");
    EXPECT_GE(now, last);
    last = now;
  }
}

} // namespace
} // namespace tocsin::observe
