// Which of librdkafka's properties may stand in kafka.properties.
#include "config/kinds.hpp"
#include "config/special_kinds.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace tocsin::config {
namespace {

namespace json = boost::json;

struct refusal {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view own_commits = "is tocsin's own: it commits what is settled and nothing else; leave it out";
constexpr std::string_view own_store = "is tocsin's own: offsets are kept in Kafka; leave it out";
constexpr std::string_view all_replicas =
    "is tocsin's own: a dead letter counts only when every in-sync replica has it; leave it out";
constexpr std::string_view own_events = "is tocsin's own: it says which of librdkafka's events it takes; leave it out";
constexpr std::string_view in_process = "is set by a program's code and not by text; leave it out";

constexpr std::array refusals = std::to_array<refusal>({
    {"bootstrap.servers", "has a member of its own; write kafka.brokers"},
    {"metadata.broker.list", "has a member of its own; write kafka.brokers"},
    {"group.id", "has a member of its own; write kafka.group"},
    {"group.instance.id", "has a member of its own; write kafka.instance_id"},
    {"auto.offset.reset", "has a member of its own; write kafka.start"},
    {"group.protocol.type", "is tocsin's own: it joins consumer groups; leave it out"},
    {"enable.auto.commit", own_commits},
    {"auto.commit.enable", own_commits},
    {"auto.commit.interval.ms", "is tocsin's own: it commits what is settled and nothing else; write delivery.commit_interval"},
    {"enable.auto.offset.store", own_commits},
    {"offset.store.method", own_store},
    {"offset.store.path", own_store},
    {"offset.store.sync.interval.ms", own_store},
    {"enable.partition.eof", own_events},
    {"enabled_events", own_events},
    {"log.queue", own_events},
    {"acks", all_replicas},
    {"request.required.acks", all_replicas},
    {"delivery.report.only.error", "is tocsin's own: it waits for the report of every dead letter; leave it out"},
    {"transactional.id", "is not used: dead letters are written outside of transactions; leave it out"},
    {"plugin.library.paths", "loads code that can change what is consumed and committed; leave it out"},
    {"internal.termination.signal", "would take a signal from the process; leave it out"},
    {"interceptors", in_process},
    {"opaque", in_process},
    {"default_topic_conf", in_process},
    {"ssl_ca", "is set by a program's code and not by text; write ssl.ca.location"},
    {"ssl_certificate", "is set by a program's code and not by text; write ssl.certificate.location"},
    {"ssl_key", "is set by a program's code and not by text; write ssl.key.location"},
    {"ssl_engine_callback_data", in_process},
    {"msg_order_cmp", in_process},
});

constexpr std::array secrets = std::to_array<std::string_view>({
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
});

std::string_view why_refused(std::string_view name) {
  for (const auto& [refused, why] : refusals)
    if (refused == name) return why;
  if (name.ends_with("_cb")) return in_process;
  return {};
}

bool is_secret(std::string_view name) { return std::ranges::find(secrets, name) != secrets.end(); }

// Numbers and booleans may stand without quotes, as in session.timeout.ms: 10000.
std::optional<std::string> property_text(const json::value& value, const place& at) {
  if (value.is_bool() || value.is_int64()) return json::serialize(value);
  if (value.is_string()) return text_kind{.empty = emptiness::allowed}.read(value, at);
  at.refuse(value, "is no property's value; write text, a whole number, true, false, or {file: PATH}");
  return std::nullopt;
}

} // namespace

std::optional<properties_kind::type> properties_kind::read(const json::value& value, const place& at) const {
  type result;
  if (value.is_null()) return result;
  if (!value.is_object()) {
    at.refuse(value, "stands where a mapping is wanted; write e.g. {security.protocol: ssl}");
    return std::nullopt;
  }
  for (const auto& [key, each] : value.get_object()) {
    const std::string name(key);
    const auto here = at.member(name);
    if (!here.usable()) continue;
    if (const auto why = why_refused(name); !why.empty()) {
      here.refuse(why);
    } else if (is_secret(name) || each.is_object()) {
      if (auto secret = secret_kind{}.read(each, here)) result.secret.emplace_back(name, *std::move(secret));
    } else if (auto text = property_text(each, here)) {
      result.plain.emplace_back(name, *std::move(text));
    }
  }
  return result;
}

json::value properties_kind::print(const type& value) const {
  json::object result;
  for (const auto& [name, text] : value.plain) result[name] = text;
  for (const auto& [name, secret] : value.secret) result[name] = secret_kind{}.print(secret);
  return result;
}

} // namespace tocsin::config
