#include "config/members.hpp"

#include "config/special_kinds.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace tocsin::config {
namespace {

using namespace std::chrono_literals;

// host:port[,host:port…], each with librdkafka's optional protocol:// before it.
bool is_broker_list(std::string_view text) {
  for (;;) {
    const auto comma = text.find(',');
    auto broker = text.substr(0, comma);
    if (const auto scheme = broker.find("://"); scheme != std::string_view::npos) broker.remove_prefix(scheme + 3);
    const auto colon = broker.rfind(':');
    const auto host = broker.substr(0, colon);
    if (host.empty() || host.find_first_of(" /") != std::string_view::npos) return false;
    if (colon != std::string_view::npos && !broker.ends_with(']')) {
      unsigned port = 0;
      const auto* const end = broker.data() + broker.size();
      const auto [stop, error] = std::from_chars(broker.data() + colon + 1, end, port);
      if (error != std::errc() || stop != end || port == 0 || port > 65535) return false;
    }
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

// What becomes the label of a metric and a word in logs.
bool is_rule_name(std::string_view text) {
  return text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
         });
}

bool is_host(std::string_view text) { return text.find_first_of(" /@?#") == std::string_view::npos; }

const text_kind rule_name{is_rule_name, "is no name for a rule; it has 1 to 64 letters, digits, dots, hyphens and underscores"};

const table<kafka_settings>& kafka_members() {
  static const table<kafka_settings> members = {
      required("brokers", &kafka_settings::brokers,
               text_kind{is_broker_list, "is no list of brokers; write host:port, several with commas between them"},
               "is missing; write the addresses of some brokers, e.g. kafka:9092"),
      required("topics", &kafka_settings::topics, list_kind<text_kind>{{is_topic_name, topic_rule}, 1},
               "is missing; write the topics to be relayed, e.g. [event]"),
      required("group", &kafka_settings::group, text_kind{},
               "is missing; write the consumer group that keeps the offsets, e.g. omp"),
      bound<kafka_settings>(
          "start", "", start_kind{}, [](const auto& s) { return std::pair(s.start, s.start_time_ms); },
          [](auto& s, const auto& value) { std::tie(s.start, s.start_time_ms) = value; }),
      optional("instance_id", &kafka_settings::instance_id,
               text_kind{is_topic_name,
                         "is no instance's name; it has 1 to 249 letters (a-z, A-Z), digits, dots, hyphens and underscores",
                         emptiness::allowed}),
      bound<kafka_settings>(
          "properties", "", properties_kind{},
          [](const auto& s) { return properties_kind::type{s.properties, s.secret_properties}; },
          [](auto& s, properties_kind::type value) {
            s.properties = std::move(value.plain);
            s.secret_properties = std::move(value.secret);
          }),
  };
  return members;
}

const table<skip_rule>& skip_members() {
  static const table<skip_rule> members = {
      required("when", &skip_rule::when, expression_kind{},
               "is missing; write a condition over the event, e.g. \"df_status == 'info'\""),
      required("as", &skip_rule::as, rule_name, "is missing; write the name that logs and metrics call the rule by"),
  };
  return members;
}

const table<response_rule>& response_members() {
  static const table<response_rule> members = {
      required("when", &response_rule::when, expression_kind{},
               "is missing; write a condition over status, headers and body, e.g. \"status == 200 && body.code == 0\""),
      required("then", &response_rule::then,
               choice_kind<rule_outcome>{{{"delivered", rule_outcome::delivered},
                                          {"skipped", rule_outcome::skipped},
                                          {"rejected", rule_outcome::rejected},
                                          {"try_again", rule_outcome::try_again},
                                          {"endpoint_fault", rule_outcome::endpoint_fault}}},
               "is missing; write delivered, skipped, rejected, try_again or endpoint_fault"),
      optional("as", &response_rule::as, rule_name),
  };
  return members;
}

const table<tls_settings>& tls_members() {
  static const table<tls_settings> members = {
      optional("ca_file", &tls_settings::ca_file, path_kind{}),
      optional("cert_file", &tls_settings::cert_file, path_kind{}),
      optional("key_file", &tls_settings::key_file, path_kind{}),
  };
  return members;
}

const table<endpoint_settings>& endpoint_members() {
  static const table<endpoint_settings> members = {
      required("url", &endpoint_settings::url, url_kind{},
               "is missing; write where events go, e.g. https://omp.example/api/alerts"),
      optional("method", &endpoint_settings::method,
               choice_kind<std::string>{{{"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}}}),
      optional("headers", &endpoint_settings::headers, headers_kind{}),
      optional("auth", &endpoint_settings::auth, credentials_kind{}),
      group("tls", &endpoint_settings::tls, tls_members),
      optional("signing_secret", &endpoint_settings::signing_secret, secret_kind{emptiness::allowed}),
      optional("connections", &endpoint_settings::connections, count_kind<std::uint32_t>{1, 65535}),
      optional("rate", &endpoint_settings::rate, rate_kind{}),
      optional("connect_timeout", &endpoint_settings::connect_timeout, duration_kind{"3s"}),
      optional("timeout", &endpoint_settings::timeout, duration_kind{"15s"}),
      groups("responses", &endpoint_settings::responses, response_members),
  };
  return members;
}

const table<retry_settings>& retry_members() {
  static const table<retry_settings> members = {
      optional("initial", &retry_settings::initial, duration_kind{"200ms"}),
      optional("max", &retry_settings::max, duration_kind{"30s"}),
      optional("max_attempts", &retry_settings::max_attempts, count_kind<std::uint32_t>{1, 1'000'000}),
      optional("max_age", &retry_settings::max_age, optional_duration_kind{{"1h", 1ms, 8760h}}),
  };
  return members;
}

const table<delivery_settings>& delivery_members() {
  static const table<delivery_settings> members = {
      optional("max_in_flight", &delivery_settings::max_in_flight, count_kind<std::uint32_t>{1, 1'000'000}),
      optional("max_in_flight_bytes", &delivery_settings::max_in_flight_bytes, size_kind{"64MiB"}),
      optional("max_uncommitted", &delivery_settings::max_uncommitted, count_kind<std::uint32_t>{1, 1'000'000}),
      optional("commit_interval", &delivery_settings::commit_interval, duration_kind{"1s", 1ms, 1h}),
  };
  return members;
}

const table<admin_settings>& admin_members() {
  static const table<admin_settings> members = {
      optional("ops", &admin_settings::ops, listen_kind{"0.0.0.0:8080"}),
      optional("listen", &admin_settings::listen, listen_kind{"127.0.0.1:8081"}),
      optional("token", &admin_settings::token, secret_kind{emptiness::allowed}),
      optional("allowed_hosts", &admin_settings::allowed_hosts,
               list_kind<text_kind>{
                   {is_host, "is no host name; write it without scheme and path, e.g. tocsin.example or tocsin.example:8081"}}),
  };
  return members;
}

const table<log_settings>& log_members() {
  static const table<log_settings> members = {
      optional("level", &log_settings::level,
               choice_kind<log_level>{{{"trace", log_level::trace},
                                       {"debug", log_level::debug},
                                       {"info", log_level::info},
                                       {"warning", log_level::warning},
                                       {"error", log_level::error}}}),
      optional(
          "format", &log_settings::format,
          choice_kind<log_format>{{{"auto", log_format::automatic}, {"json", log_format::json}, {"text", log_format::text}}}),
  };
  return members;
}

const table<shutdown_settings>& shutdown_members() {
  static const table<shutdown_settings> members = {
      optional("drain", &shutdown_settings::drain, duration_kind{"25s", 0ms, 1h}),
  };
  return members;
}

} // namespace

const table<event_settings>& event_members() {
  static const table<event_settings> members = {
      optional("schema", &event_settings::schema, path_kind{}),
      optional("mapping", &event_settings::mapping, path_kind{}),
      optional("outbound_schema", &event_settings::outbound_schema, path_kind{}),
      optional("tables", &event_settings::tables, tables_kind{}),
      groups("skip", &event_settings::skip, skip_members),
      optional("order_by", &event_settings::order_by, order_kind{}),
      optional("max_bytes", &event_settings::max_bytes, size_kind{"1MiB", 1, 1ULL << 30}),
      optional("max_depth", &event_settings::max_depth, count_kind<std::uint32_t>{1, 1000}),
      optional("assert_format", &event_settings::assert_format, boolean_kind{}),
  };
  return members;
}

const table<settings>& settings_members() {
  static const table<settings> members = {
      required_group("kafka", &settings::kafka, kafka_members),
      group("event", &settings::event, event_members),
      required_group("endpoint", &settings::endpoint, endpoint_members),
      group("retry", &settings::retry, retry_members),
      required("dead_letter", &settings::dead_letter, dead_letter_kind{},
               "is missing and must be said; write {topic: NAME}, or off to have rejected events logged, counted and dropped"),
      group("delivery", &settings::delivery, delivery_members),
      group("admin", &settings::admin, admin_members),
      group("log", &settings::log, log_members),
      group("shutdown", &settings::shutdown, shutdown_members),
  };
  return members;
}

} // namespace tocsin::config
