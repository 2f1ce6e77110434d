#include "config/rules.hpp"

#include "config/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin::config {
namespace {

// With KIP-848 the broker decides these, and librdkafka refuses to start with them.
constexpr std::array<std::string_view, 3> classic_only = {"session.timeout.ms", "heartbeat.interval.ms",
                                                          "partition.assignment.strategy"};

const std::string* property(const kafka_settings& kafka, std::string_view name) {
  const auto found = std::ranges::find(kafka.properties, name, [](const auto& p) { return std::string_view(p.first); });
  return found == kafka.properties.end() ? nullptr : &found->second;
}

void check_kafka(const settings& s, const place& root) {
  const auto at = root.member("kafka");
  const auto& topics = s.kafka.topics;
  for (std::size_t i = 0; i < topics.size(); ++i)
    if (std::find(topics.begin(), topics.begin() + static_cast<std::ptrdiff_t>(i), topics[i]) !=
        topics.begin() + static_cast<std::ptrdiff_t>(i))
      at.member("topics").element(i).refuse(
          fmt::format("\"{}\" stands here for the second time; leave one of them out", topics[i]));
  const auto* const protocol = property(s.kafka, "group.protocol");
  if (protocol == nullptr || *protocol != "consumer") return;
  for (const auto name : classic_only)
    if (property(s.kafka, name) != nullptr)
      at.member("properties")
          .member(name)
          .refuse("is the broker's to decide with group.protocol: consumer; leave it out, or write group.protocol: classic");
}

void check_dead_letter(const settings& s, const place& root) {
  if (!s.dead_letter.topic.empty() && std::ranges::find(s.kafka.topics, s.dead_letter.topic) != s.kafka.topics.end())
    root.member("dead_letter")
        .member("topic")
        .refuse(fmt::format("\"{}\" is one of kafka.topics: dead letters would be relayed again; write another topic",
                            s.dead_letter.topic));
}

void check_responses(const settings& s, const place& root) {
  const auto at = root.member("endpoint").member("responses");
  for (std::size_t i = 0; i < s.endpoint.responses.size(); ++i) {
    const auto& rule = s.endpoint.responses[i];
    if (rule.then == rule_outcome::skipped && rule.as.empty())
      at.element(i).member("as").refuse(
          "is missing; a rule with then: skipped says under which name events are counted, e.g. as: unknown_instance");
    if (rule.then != rule_outcome::skipped && !rule.as.empty())
      at.element(i).member("as").refuse(
          "has no meaning here: only skipped events are counted by name; leave it out, or write then: skipped");
  }
}

void check_tls(const settings& s, const place& root) {
  const auto at = root.member("endpoint").member("tls");
  const auto& tls = s.endpoint.tls;
  if (tls.cert_file.empty() && !tls.key_file.empty())
    at.member("cert_file").refuse("is missing; key_file is the key of a client certificate: write both");
  if (!tls.cert_file.empty() && tls.key_file.empty())
    at.member("key_file").refuse("is missing; a client certificate needs its key: write both");
  const bool any = !tls.ca_file.empty() || !tls.cert_file.empty() || !tls.key_file.empty();
  if (any && s.endpoint.url.starts_with("http:"))
    at.refuse("has no meaning with an http URL; write https in endpoint.url, or leave it out");
}

void check_limits(const settings& s, const place& root) {
  if (s.retry.initial > s.retry.max)
    root.member("retry").member("initial").refuse(
        fmt::format("{} is more than retry.max ({}); write at most that, or a larger retry.max", print_duration(s.retry.initial),
                    print_duration(s.retry.max)));
  if (s.delivery.max_in_flight_bytes < s.event.max_bytes)
    root.member("delivery")
        .member("max_in_flight_bytes")
        .refuse(
            fmt::format("{} does not hold one event of event.max_bytes ({}); write at least that, or a smaller event.max_bytes",
                        print_size(s.delivery.max_in_flight_bytes), print_size(s.event.max_bytes)));
}

void check_admin(const settings& s, const place& root) {
  const auto at = root.member("admin");
  const auto& [ops, listen, token, hosts] = s.admin;
  if (listen && !is_loopback(*listen) && token.file.empty())
    at.member("listen").refuse(
        fmt::format("\"{}\" can be reached from other machines and admin.token is not set; write token: {{file: PATH}}, or "
                    "listen on \"127.0.0.1:{}\"",
                    print_listen_address(*listen), listen->port));
  if (ops && listen && ops->port == listen->port && ops->port != 0 && ops->host == listen->host)
    at.member("listen").refuse(
        fmt::format("\"{}\" is the address of admin.ops too; write another port", print_listen_address(*listen)));
}

} // namespace

void check_rules(const settings& s, const place& root) {
  check_kafka(s, root);
  check_responses(s, root);
  check_tls(s, root);
  check_limits(s, root);
  check_dead_letter(s, root);
  check_admin(s, root);
}

} // namespace tocsin::config
