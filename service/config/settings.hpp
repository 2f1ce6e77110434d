// The effective configuration as plain structs. Every member has its default here; design and rules: config.schema.json.
// Immutable once made; shared by reference with every room on the relay thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tocsin::config {

using std::chrono::milliseconds;

// Where a group without committed offsets begins (kafka.start).
enum class start_policy { earliest, latest, none, at_time };

// A secret is a path; it is read when it is needed and read again when the file changes. It never stands in the configuration.
struct secret_file {
  std::filesystem::path file; // empty: none
};

struct kafka_settings {
  std::string brokers;             // bootstrap.servers: host:port, comma-separated
  std::vector<std::string> topics; // at least one
  std::string group;
  start_policy start = start_policy::earliest;
  std::int64_t start_time_ms = 0;                              // Unix time in ms; only with at_time
  std::string instance_id;                                     // empty: dynamic membership
  std::vector<std::pair<std::string, std::string>> properties; // raw librdkafka properties, in the file's order
  std::vector<std::pair<std::string, secret_file>>
      secret_properties; // e.g. sasl.password: a property's value is the file's content
};

struct skip_rule {
  std::string when; // JSON-e expression over the event
  std::string as;   // the rule's name in metrics and logs
};

struct order_by_key {};
struct order_by_partition {};
struct order_by_none {};
struct order_by_expression {
  std::string text;
};
using order_rule = std::variant<order_by_key, order_by_partition, order_by_none, order_by_expression>;

// What `tables.NAME[key]` looks up in.
struct lookup_table {
  std::string name;           // a JSON-e identifier
  std::filesystem::path file; // a JSON object
};

struct event_settings {
  std::filesystem::path schema;          // empty: nothing is checked
  std::filesystem::path mapping;         // empty: the bytes are relayed as they are
  std::filesystem::path outbound_schema; // empty: what the mapping made is not checked
  std::vector<lookup_table> tables;      // in the file's order, each name once
  std::vector<skip_rule> skip;           // in order, the first that is met decides
  order_rule order_by = order_by_key{};
  std::uint64_t max_bytes = 1 << 20; // of a record's value
  std::uint32_t max_depth = 64;      // nesting of arrays and objects
  bool assert_format = false;        // JSON Schema "format" as an assertion
};

enum class rule_outcome { delivered, skipped, rejected, try_again, endpoint_fault };

struct response_rule {
  std::string when; // JSON-e expression over status, headers, body
  rule_outcome then = rule_outcome::delivered;
  std::string as; // name of a skip; empty otherwise
};

struct basic_credentials {
  std::string user;
  secret_file password;
};
struct bearer_credentials {
  secret_file token;
};
struct authorization_credentials {
  secret_file value; // the header's whole value, for schemes that are neither
};
using credentials = std::variant<std::monostate, bearer_credentials, basic_credentials, authorization_credentials>;

struct tls_settings {
  std::filesystem::path ca_file, cert_file, key_file; // empty: the system's certificate authorities; no client certificate
};

struct rate_limit {
  std::uint32_t count = 0; // requests…
  milliseconds per{0};     // …in any window of this length; 0: no limit
};

struct endpoint_settings {
  std::string url; // http or https, validated
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
  credentials auth;
  tls_settings tls;
  secret_file signing_secret;     // Standard Webhooks signature; empty: none
  std::uint32_t connections = 64; // 1..65535
  rate_limit rate;
  milliseconds connect_timeout{3000};
  milliseconds timeout{15000};          // one attempt, from the first byte sent to the last byte read
  std::vector<response_rule> responses; // in order, before the built-in table
};

struct retry_settings {
  milliseconds initial{200};
  milliseconds max{30000};
  std::uint32_t max_attempts = 10;     // the first one included
  std::optional<milliseconds> max_age; // none: no limit
};

struct dead_letter_settings {
  std::string topic; // empty: `dead_letter: off`, rejected events are logged, counted and dropped
};

struct delivery_settings {
  std::uint32_t max_in_flight = 4096;              // events between consumption and settlement
  std::uint64_t max_in_flight_bytes = 64ULL << 20; // bytes of their values
  std::uint32_t max_uncommitted = 4096;            // settled but not persisted, plus in flight
  milliseconds commit_interval{1000};
};

struct listen_address {
  std::string host;
  std::uint16_t port = 0;
}; // port 0: any free one; host as in the file, without brackets

struct admin_settings {
  std::optional<listen_address> ops = listen_address{"0.0.0.0", 8080};      // none: `off`
  std::optional<listen_address> listen = listen_address{"127.0.0.1", 8081}; // none: `off`
  secret_file token;
  std::vector<std::string> allowed_hosts;
};

enum class log_level { trace, debug, info, warning, error };
enum class log_format { automatic, json, text };

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::automatic;
};

struct shutdown_settings {
  milliseconds drain{25000};
};

struct settings {
  kafka_settings kafka;
  event_settings event;
  endpoint_settings endpoint;
  retry_settings retry;
  dead_letter_settings dead_letter;
  delivery_settings delivery;
  admin_settings admin;
  log_settings log;
  shutdown_settings shutdown;
};

} // namespace tocsin::config
