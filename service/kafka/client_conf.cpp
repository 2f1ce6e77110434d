#include "kafka/client_conf.hpp"

#include "kafka/errors.hpp"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tocsin::kafka {
namespace {

std::string_view last_value(const properties& all, std::string_view name) {
  const auto found = std::find_if(all.rbegin(), all.rend(), [name](const auto& property) { return property.first == name; });
  return found == all.rend() ? std::string_view() : std::string_view(found->second);
}

properties common(const std::string& brokers, const std::string& client_id) {
  return {
      {"bootstrap.servers", brokers},
      {"client.id", client_id},
      {"log.queue", "true"},
      {"log.connection.close", "false"}, // brokers close idle connections all the time
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"reconnect.backoff.max.ms", "2000"}, // a broker that is back is found within two seconds
  };
}

void append(properties& all, const properties& more) { all.insert(all.end(), more.begin(), more.end()); }

std::string explain(const std::pair<std::string, std::string>& property, const char* reason) {
  const bool secret = property.first.find("password") != std::string::npos ||
                      property.first.find("secret") != std::string::npos || property.first.find("pem") != std::string::npos ||
                      property.first.find("oauthbearer.config") != std::string::npos;
  return fmt::format("kafka.properties.{}: \"{}\": {}; names and values are in librdkafka's CONFIGURATION.md", property.first,
                     secret ? "***" : property.second, reason);
}

std::optional<failure> set(rd_kafka_conf_s* conf, const std::pair<std::string, std::string>& property) {
  std::array<char, 512> reason{};
  const rd_kafka_conf_res_t verdict =
      rd_kafka_conf_set(conf, property.first.c_str(), property.second.c_str(), reason.data(), reason.size());
  if (verdict == RD_KAFKA_CONF_OK) return std::nullopt;
  return failure{verdict == RD_KAFKA_CONF_UNKNOWN ? "_UNKNOWN_PROPERTY" : "_INVALID_ARG", explain(property, reason.data())};
}

// The callbacks of OAUTHBEARER fetch tokens over HTTP: they belong on librdkafka's background thread.
bool uses_oauth(const properties& all) {
  return last_value(all, "sasl.mechanisms") == "OAUTHBEARER" || last_value(all, "sasl.mechanism") == "OAUTHBEARER";
}

} // namespace

bool uses_consumer_protocol(const properties& all) { return last_value(all, "group.protocol") == "consumer"; }
bool reads_uncommitted(const properties& all) { return last_value(all, "isolation.level") == "read_uncommitted"; }

properties consumer_properties(const config::kafka_settings& settings, const std::string& client_id) {
  properties all = common(settings.brokers, client_id);
  append(all, {
                  {"group.id", settings.group},
                  {"check.crcs", "true"},
                  {"isolation.level", "read_committed"},
                  {"allow.auto.create.topics", "false"},
                  {"fetch.error.backoff.ms", "200"},
                  // Each partition has a queue of its own, so that these bound one partition: what is prefetched may reach the
                  // sum of the two sizes. A full queue is looked at again after the back-off, and by then must not have run dry.
                  {"queued.max.messages.kbytes", "512"},
                  {"queued.min.messages", "100000"},
                  {"max.partition.fetch.bytes", "524288"},
                  {"fetch.max.bytes", "4194304"},
                  {"fetch.queue.backoff.ms", "8"},
              });
  if (!settings.instance_id.empty()) all.emplace_back("group.instance.id", settings.instance_id);
  if (!uses_consumer_protocol(settings.properties)) {
    append(all, {{"session.timeout.ms", "10000"},
                 {"heartbeat.interval.ms", "3000"},
                 {"partition.assignment.strategy", "cooperative-sticky"}});
  }
  append(all, settings.properties);
  append(all, {
                  {"enable.auto.commit", "false"},
                  {"enable.auto.offset.store", "false"},
                  {"enable.partition.eof", "false"},
                  {"auto.offset.reset", "earliest"}, // noticed and counted as a gap
                  {"log.queue", "true"},
              });
  return all;
}

properties producer_properties(const producer_options& options) {
  properties all = common(options.brokers, options.client_id);
  append(all, {
                  {"message.timeout.ms", std::to_string(options.message_timeout.count())},
                  {"message.max.bytes", "100000000"},       // the topic's own limit decides
                  {"queue.buffering.max.kbytes", "131072"}, // one message of that size fits
                  {"queue.buffering.max.messages", "100000"},
                  {"compression.type", "lz4"},       // a record as large as its topic allows grows by our headers
                  {"partitioner", "murmur2_random"}, // as the Java client places keys
              });
  append(all, options.properties);
  append(all, {{"enable.idempotence", "true"}, {"acks", "all"}, {"delivery.report.only.error", "false"}, {"log.queue", "true"}});
  return all;
}

properties admin_properties(const admin_options& options) {
  properties all = common(options.brokers, options.client_id);
  append(all, options.properties);
  return all;
}

client_handle make_client(client_kind kind, const properties& all) {
  conf_handle conf(rd_kafka_conf_new());
  for (const auto& property : all) {
    if (const auto refused = set(conf.get(), property)) throw configuration_error(refused->message);
  }
  const int common_events = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG;
  rd_kafka_conf_set_events(conf.get(), kind == client_kind::consumer
                                           ? common_events | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
                                           : common_events | RD_KAFKA_EVENT_DR);
  if (uses_oauth(all)) rd_kafka_conf_enable_sasl_queue(conf.get(), 1);

  std::array<char, 512> reason{};
  client_handle client(rd_kafka_new(kind == client_kind::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf.get(),
                                    reason.data(), reason.size()));
  if (!client) throw configuration_error(fmt::format("kafka.properties: {}", reason.data()));
  static_cast<void>(conf.release()); // rd_kafka_new took it over
  if (uses_oauth(all)) error_handle(rd_kafka_sasl_background_callbacks_enable(client.get()));
  rd_kafka_set_log_queue(client.get(), nullptr);
  return client;
}

std::vector<failure> check_each_property(const config::kafka_settings& settings) {
  std::vector<failure> found;
  conf_handle conf(rd_kafka_conf_new());
  for (const auto& property : settings.properties) {
    if (auto refused = set(conf.get(), property)) found.push_back(std::move(*refused));
  }
  return found;
}

std::vector<failure> check_properties(const config::kafka_settings& settings) {
  auto found = check_each_property(settings);
  if (!found.empty()) return found;
  try { // what only shows in combination: no broker is needed for it, and none is asked
    const client_handle consumer = make_client(client_kind::consumer, consumer_properties(settings, "tocsin-check"));
  } catch (const configuration_error& refused) {
    found.push_back({"_INVALID_ARG", refused.what()});
  }
  return found;
}

} // namespace tocsin::kafka
