#include "config/special_kinds.hpp"

#include "config/quantities.hpp"
#include "config/table.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace tocsin::config {

namespace json = boost::json;

bool is_topic_name(std::string_view text) {
  return !text.empty() && text.size() <= 249 && text != "." && text != ".." && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

// --- start

std::optional<start_kind::type> start_kind::read(const json::value& value, const place& at) const {
  static const choice_kind<start_policy> policies{
      {{"earliest", start_policy::earliest}, {"latest", start_policy::latest}, {"none", start_policy::none}}};
  if (!value.is_string()) {
    at.refuse(value, "is no start; write earliest, latest, none, or a time such as 2026-11-22T08:00:00Z");
    return std::nullopt;
  }
  const std::string_view text = value.get_string();
  for (const auto& [word, policy] : policies.words)
    if (word == text) return type{policy, 0};
  if (const auto time = parse_time(text)) return type{start_policy::at_time, *time};
  if (parse_time(std::string(text) + "Z")) {
    at.refuse(value, "is a time without its zone; write e.g. 2026-11-22T08:00:00Z or 2026-11-22T16:00:00+08:00");
  } else if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    at.refuse(value, "is not a time; write it as RFC 3339 has it, e.g. 2026-11-22T08:00:00Z");
  } else {
    refuse_word(value, at, {"earliest", "latest", "none", "a time such as 2026-11-22T08:00:00Z"});
  }
  return std::nullopt;
}

json::value start_kind::print(const type& value) const {
  switch (value.first) {
  case start_policy::earliest: return "earliest";
  case start_policy::latest: return "latest";
  case start_policy::none: return "none";
  case start_policy::at_time: break;
  }
  return json::string(print_time(value.second));
}

// --- tables

namespace {

// [a-zA-Z_][a-zA-Z0-9_]*
bool is_identifier(std::string_view text) {
  return !text.empty() && (text[0] < '0' || text[0] > '9') && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

const table<lookup_table>& lookup_table_members() {
  static const table<lookup_table> members = {
      required("file", &lookup_table::file, path_kind{emptiness::refused}, "is missing; write the path of a JSON file"),
  };
  return members;
}

} // namespace

std::optional<tables_kind::type> tables_kind::read(const json::value& value, const place& at) const {
  type result;
  if (value.is_null()) return result;
  if (!value.is_object()) {
    at.refuse(value, "stands where a mapping is wanted; write e.g. {severity: {file: severity.json}}");
    return std::nullopt;
  }
  for (const auto& [key, each] : value.get_object()) {
    const std::string name(key);
    const auto here = at.member(name);
    lookup_table made;
    if (!is_identifier(name))
      here.refuse("is no name for a table; it has letters (a-z, A-Z), digits and underscores, and begins with no digit");
    else if (!each.is_object())
      here.refuse(each, "is no table; write {file: PATH}");
    else if (auto read = group_kind<lookup_table>{lookup_table_members}.read(each, here))
      made = *std::move(read);
    made.name = name;
    result.push_back(std::move(made));
  }
  return result;
}

json::value tables_kind::print(const type& value) const {
  json::object result;
  for (const auto& each : value) result[each.name] = group_kind<lookup_table>{lookup_table_members}.print(each);
  return result;
}

// --- order_by

std::optional<order_rule> order_kind::read(const json::value& value, const place& at) const {
  const auto text = expression_kind{}.read(value, at);
  if (!text) return std::nullopt;
  if (*text == "key") return order_by_key{};
  if (*text == "partition") return order_by_partition{};
  if (*text == "none") return order_by_none{};
  return order_by_expression{*text};
}

json::value order_kind::print(const order_rule& value) const {
  if (std::holds_alternative<order_by_key>(value)) return "key";
  if (std::holds_alternative<order_by_partition>(value)) return "partition";
  if (std::holds_alternative<order_by_none>(value)) return "none";
  return json::string(std::get<order_by_expression>(value).text);
}

// --- auth

namespace {

struct auth_members {
  std::optional<secret_file> bearer;
  std::optional<basic_credentials> basic;
  std::optional<secret_file> authorization;
};

template <class K>
struct present { // a member that may be left out, and is known to have been
  using type = std::optional<typename K::type>;
  K inner;
  std::optional<type> read(const json::value& value, const place& at) const {
    auto read = inner.read(value, at);
    return read ? std::optional(type(*std::move(read))) : std::nullopt;
  }
  json::value print(const type& value) const { return value ? inner.print(*value) : nullptr; }
  void describe(const std::string& path, std::vector<described_member>& out) const { describe_inside(inner, path, out); }
};

const table<basic_credentials>& basic_table() {
  static const table<basic_credentials> members = {
      required("user", &basic_credentials::user,
               text_kind{[](std::string_view user) { return user.find(':') == std::string_view::npos; },
                         "holds a colon, which basic authentication cannot carry; use another user"},
               "is missing; write the user's name"),
      required("password", &basic_credentials::password, secret_kind{}, "is missing; write {file: PATH}"),
  };
  return members;
}

const table<auth_members>& auth_table() {
  static const table<auth_members> members = {
      optional("bearer", &auth_members::bearer, present<secret_kind>{}),
      optional("basic", &auth_members::basic, present<group_kind<basic_credentials>>{{basic_table}}),
      optional("authorization", &auth_members::authorization, present<secret_kind>{}),
  };
  return members;
}

const table<dead_letter_settings>& dead_letter_table() {
  static const table<dead_letter_settings> members = {
      required("topic", &dead_letter_settings::topic, text_kind{is_topic_name, topic_rule},
               "is missing; write the topic that takes the events which cannot be delivered"),
  };
  return members;
}

} // namespace

std::optional<credentials> credentials_kind::read(const json::value& value, const place& at) const {
  if (value.is_string()) {
    at.refuse("a secret never stands in the configuration; write {bearer: {file: PATH}}");
    return std::nullopt;
  }
  const auto read = group_kind<auth_members>{auth_table}.read(value, at);
  if (!read) return std::nullopt;
  if (read->bearer && read->basic) at.refuse("has both bearer and basic; a request carries one of them: leave the other out");
  if (read->authorization && (read->bearer || read->basic))
    at.refuse("has both authorization and another; a request carries one of them: leave the other out");
  if (read->bearer) return bearer_credentials{*read->bearer};
  if (read->basic) return *read->basic;
  if (read->authorization) return authorization_credentials{*read->authorization};
  return credentials();
}

json::value credentials_kind::print(const credentials& value) const {
  if (const auto* const bearer = std::get_if<bearer_credentials>(&value))
    return json::object{{"bearer", secret_kind{}.print(bearer->token)}};
  if (const auto* const basic = std::get_if<basic_credentials>(&value))
    return json::object{{"basic", group_kind<basic_credentials>{basic_table}.print(*basic)}};
  if (const auto* const whole = std::get_if<authorization_credentials>(&value))
    return json::object{{"authorization", secret_kind{}.print(whole->value)}};
  return json::object();
}

void credentials_kind::describe(const std::string& path, std::vector<described_member>& out) const {
  group_kind<auth_members>{auth_table}.describe(path, out);
}

// --- dead_letter

std::optional<dead_letter_settings> dead_letter_kind::read(const json::value& value, const place& at) const {
  if (value.is_string() && std::string_view(value.get_string()) == "off") return dead_letter_settings{};
  if (value.is_object()) return group_kind<dead_letter_settings>{dead_letter_table}.read(value, at);
  at.refuse(value, "is neither {topic: NAME} nor off; off means that rejected events are logged, counted and dropped");
  return std::nullopt;
}

json::value dead_letter_kind::print(const dead_letter_settings& value) const {
  return value.topic.empty() ? json::value("off") : group_kind<dead_letter_settings>{dead_letter_table}.print(value);
}

void dead_letter_kind::describe(const std::string& path, std::vector<described_member>& out) const {
  group_kind<dead_letter_settings>{dead_letter_table}.describe(path, out);
}

} // namespace tocsin::config
