#include "config/rules.hpp"

#include "config/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace tocsin::config {
namespace {

// With KIP-848 the broker decides these, and librdkafka refuses to start with them.
constexpr std::array<std::string_view, 3> classic_only = {"session.timeout.ms", "heartbeat.interval.ms",
                                                          "partition.assignment.strategy"};

const std::string* property(const kafka_settings& kafka, std::string_view name) {
  const auto found = std::ranges::find(kafka.properties, name, [](const auto& p) { return std::string_view(p.first); });
  return found == kafka.properties.end() ? nullptr : &found->second;
}

bool all_sound(std::initializer_list<place> members) {
  return std::ranges::all_of(members, [](const place& each) { return each.sound(); });
}

void check_kafka(const settings& s, const place& root) {
  const auto at = root.member("kafka");
  const auto& topics = s.kafka.topics;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto here = at.member("topics").element(i);
    const auto before = topics.begin() + static_cast<std::ptrdiff_t>(i);
    if (here.sound() && std::find(topics.begin(), before, topics[i]) != before)
      here.refuse(fmt::format("\"{}\" stands here for the second time; leave one of them out", topics[i]));
  }
  const auto* const protocol = property(s.kafka, "group.protocol");
  if (protocol == nullptr || *protocol != "consumer") return;
  const auto properties = at.member("properties");
  for (const auto name : classic_only)
    if (property(s.kafka, name) != nullptr && all_sound({properties.member("group.protocol"), properties.member(name)}))
      properties.member(name).refuse(
          "is the broker's to decide with group.protocol: consumer; leave it out, or write group.protocol: classic");
}

void check_dead_letter(const settings& s, const place& root) {
  const auto at = root.member("dead_letter").member("topic");
  if (at.sound() && !s.dead_letter.topic.empty() &&
      std::ranges::find(s.kafka.topics, s.dead_letter.topic) != s.kafka.topics.end())
    at.refuse(fmt::format("\"{}\" is one of kafka.topics: dead letters would be relayed again; write another topic",
                          s.dead_letter.topic));
}

void check_responses(const settings& s, const place& root) {
  const auto at = root.member("endpoint").member("responses");
  for (std::size_t i = 0; i < s.endpoint.responses.size(); ++i) {
    const auto& rule = s.endpoint.responses[i];
    const auto as = at.element(i).member("as");
    if (!all_sound({as, at.element(i).member("then")})) continue;
    if (rule.then == rule_outcome::skipped && rule.as.empty())
      as.refuse("is missing; a rule with then: skipped says under which name events are counted, e.g. as: unknown_instance");
    if (rule.then != rule_outcome::skipped && !rule.as.empty())
      as.refuse("has no meaning here: only skipped events are counted by name; leave it out, or write then: skipped");
  }
}

void check_tls(const settings& s, const place& root) {
  const auto at = root.member("endpoint").member("tls");
  const auto& tls = s.endpoint.tls;
  const bool any = !tls.ca_file.empty() || !tls.cert_file.empty() || !tls.key_file.empty();
  const auto cert = at.member("cert_file"), key = at.member("key_file");
  const bool pair = all_sound({cert, key});
  if (pair && tls.cert_file.empty() && !tls.key_file.empty())
    cert.refuse("is missing; key_file is the key of a client certificate: write both");
  if (pair && !tls.cert_file.empty() && tls.key_file.empty())
    key.refuse("is missing; a client certificate needs its key: write both");
  if (any && root.member("endpoint").member("url").sound() && s.endpoint.url.starts_with("http:"))
    at.refuse("has no meaning with an http URL; write https in endpoint.url, or leave it out");
}

void check_limits(const settings& s, const place& root) {
  const auto initial = root.member("retry").member("initial"), most = root.member("retry").member("max");
  if (all_sound({initial, most}) && s.retry.initial > s.retry.max)
    initial.refuse(fmt::format("{} is more than retry.max ({}); write at most that, or a larger retry.max",
                               print_duration(s.retry.initial), print_duration(s.retry.max)));
  const auto window = root.member("delivery").member("max_in_flight_bytes"), event = root.member("event").member("max_bytes");
  if (all_sound({window, event}) && s.delivery.max_in_flight_bytes < s.event.max_bytes)
    window.refuse(
        fmt::format("{} does not hold one event of event.max_bytes ({}); write at least that, or a smaller event.max_bytes",
                    print_size(s.delivery.max_in_flight_bytes), print_size(s.event.max_bytes)));
}

void check_admin(const settings& s, const place& root) {
  const auto at = root.member("admin");
  const auto here = at.member("listen");
  const auto& [ops, listen, token, hosts] = s.admin;
  const bool unguarded = all_sound({here, at.member("token")}) && listen && !is_loopback(*listen) && token.file.empty();
  const bool twice = all_sound({here, at.member("ops")}) && ops && listen && ops->port == listen->port && ops->port != 0 &&
                     ops->host == listen->host;
  if (unguarded)
    here.refuse(
        fmt::format("\"{}\" can be reached from other machines and admin.token is not set; write token: {{file: PATH}}, or "
                    "listen on \"127.0.0.1:{}\"",
                    print_listen_address(*listen), listen->port));
  if (twice)
    here.refuse(fmt::format("\"{}\" is the address of admin.ops too; write another port", print_listen_address(*listen)));
}

} // namespace

void check_event(const event_settings& event, const place& at) {
  const auto here = at.member("outbound_schema");
  if (all_sound({here, at.member("mapping")}) && !event.outbound_schema.empty() && event.mapping.empty())
    here.refuse("checks what event.mapping makes, and there is no mapping; name one, or write event.schema");
}

void check_rules(const settings& s, const place& root) {
  check_kafka(s, root);
  check_event(s.event, root.member("event"));
  check_responses(s, root);
  check_tls(s, root);
  check_limits(s, root);
  check_dead_letter(s, root);
  check_admin(s, root);
}

} // namespace tocsin::config
