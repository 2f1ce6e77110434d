// Kinds of values that only one member has.
#pragma once

#include "config/kinds.hpp"

#include <utility>

namespace tocsin::config {

// kafka.start: a policy, or a time.
struct start_kind {
  using type = std::pair<start_policy, std::int64_t>;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// kafka.properties: librdkafka's properties, except those that are tocsin's own or would break its promises; secrets as {file:
// PATH}.
struct properties_kind {
  struct type {
    std::vector<std::pair<std::string, std::string>> plain;
    std::vector<std::pair<std::string, secret_file>> secret;
  };
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// event.tables: {NAME: {file: PATH}}. A table whose file is faulty keeps its name.
struct tables_kind {
  using type = std::vector<lookup_table>;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// event.order_by: key, partition, none or an expression.
struct order_kind {
  using type = order_rule;
  [[nodiscard]] std::optional<order_rule> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const order_rule& value) const;
};

// endpoint.headers: none that frames the request, is tocsin's own, or is a secret.
struct headers_kind {
  using type = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// endpoint.auth: {bearer: {file: PATH}} or {basic: {user: NAME, password: {file: PATH}}}, or {} for none.
struct credentials_kind {
  using type = credentials;
  [[nodiscard]] std::optional<credentials> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const credentials& value) const;
  void describe(const std::string& path, std::vector<struct described_member>& out) const;
};

// dead_letter: {topic: NAME}, or off.
struct dead_letter_kind {
  using type = dead_letter_settings;
  [[nodiscard]] std::optional<dead_letter_settings> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const dead_letter_settings& value) const;
  void describe(const std::string& path, std::vector<struct described_member>& out) const;
};

// Kafka's rule for topics and instance ids: 1 to 249 of letters, digits, . _ and -, and neither . nor ..
[[nodiscard]] bool is_topic_name(std::string_view text);
inline constexpr std::string_view topic_rule =
    "is not a topic's name; it has 1 to 249 letters (a-z, A-Z), digits, dots, hyphens and underscores";

} // namespace tocsin::config
