#include "alerts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <bit>
#include <initializer_list>

namespace tocsin::integration {

namespace json = boost::json;

json::value parse_exact(std::string_view text) {
  json::parse_options options;
  options.numbers = json::number_precision::precise;
  return json::parse(text, {}, options);
}

bool same_json(const json::value& one, const json::value& other) {
  if (one.kind() != other.kind()) return false;
  if (one.is_double()) return std::bit_cast<std::uint64_t>(one.get_double()) == std::bit_cast<std::uint64_t>(other.get_double());
  if (one.is_array()) {
    const auto& a = one.get_array();
    const auto& b = other.get_array();
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!same_json(a[i], b[i])) return false;
    return true;
  }
  if (!one.is_object()) return one == other;
  const auto& a = one.get_object();
  const auto& b = other.get_object();
  if (a.size() != b.size()) return false;
  for (const auto& [name, value] : a) {
    const auto* there = b.if_contains(name);
    if (there == nullptr || !same_json(value, *there)) return false;
  }
  return true;
}

namespace {

constexpr const char* required[] = {"df_event_id", "df_source", "df_title",         "df_message",
                                    "date",        "df_status", "df_workspace_name"};

// What the original's clean_data makes of an event with these tags.
json::value cleaned(const json::object& event, const json::object& tags) {
  json::object dims{{"df_workspace_name", event.at("df_workspace_name")}};
  for (const auto& [name, value] : tags) dims[name] = value;
  const auto& status = event.at("df_status").as_string();
  return json::object{{"alertId", event.at("df_event_id")},
                      {"alertDims", dims},
                      {"metricName", ""},
                      {"value", ""},
                      {"metricUnit", ""},
                      {"subject", event.at("df_title")},
                      {"content", event.at("df_message")},
                      {"time", event.at("date").to_number<std::int64_t>() / 1000},
                      {"isRecover", status == "ok"},
                      {"extInfo", json::object{{"df_status", status}}},
                      {"originInfo", json::object{}},
                      {"source", "guance"}};
}

json::object event_object(std::uint64_t n, std::uint64_t key) {
  static constexpr const char* statuses[] = {"critical", "error", "warning", "ok", "nodata"};
  const auto host = fmt::format("web-{:03}", key);
  return {
      {"date", static_cast<std::int64_t>(1'793'034'940'000 + n)},
      {"df_event_id", fmt::format("event-{:032x}", n)},
      {"df_source", "monitor"},
      {"df_status", statuses[n % 5]},
      {"df_sub_status", statuses[n % 5]},
      {"df_title", fmt::format("主机 {} 的 CPU 使用率过高", host)},
      {"df_message", fmt::format("## 主机告警\n> 主机：{}\n> 当前值：{}.5%\n请尽快登录主机查看进程占用。", host, 80 + n % 20)},
      {"df_dimension_tags", json::serialize(json::object{{"host", host}, {"service", "支付"}})},
      {"df_workspace_name", "生产环境"},
      {"df_workspace_uuid", "wksp_0a1b2c3d4e5f60718293a4b5c6d7e8f9"},
      {"df_monitor_type", "custom_metric"},
      {"df_monitor_checker_event_ref", fmt::format("{:032x}", key)},
      {"df_monitor_checker_value", fmt::format("{}.5", 80 + n % 20)},
      {"df_channels", json::array{}},
      {"Result", 80.5},
      {"host", host}};
}

// The odd events are written as text, since most of what is odd about them has no object.
class odd_maker {
public:
  std::vector<alert> all;

  void refused(std::optional<std::string> value, std::vector<std::string> reasons, std::string detail = {}) {
    all.push_back({next_key(), std::move(value), std::nullopt, std::move(reasons), std::move(detail)});
  }
  void delivered(std::string value, json::value body) { all.push_back({next_key(), std::move(value), std::move(body), {}, {}}); }

  json::object event() const { return event_object(5'000'000 + all.size(), 7); }

  // The event with this text in place of a member's value; as it is written, so that it may be no JSON.
  std::string with(const char* member, std::string_view text) const {
    auto object = event();
    object[member] = "@@";
    auto written = json::serialize(object);
    return written.replace(written.find("\"@@\""), 4, text);
  }

private:
  std::string next_key() const { return fmt::format("odd-{}", all.size()); }
};

void add_not_json(odd_maker& make) {
  make.refused("", {"not_json"});
  make.refused(std::nullopt, {"not_json"});
  make.refused("nothing of the kind", {"not_json"});
  make.refused(R"({"df_event_id":)", {"not_json"});
  const auto whole = json::serialize(make.event());
  make.refused(whole + " " + whole, {"not_json"});
  make.refused(make.with("df_title", "\"\xc3\x28\""), {"not_json"});
  make.refused(make.with("df_title", R"("\ud800")"), {"not_json"});
  make.refused(make.with("Result", "NaN"), {"not_json"});
  make.refused(make.with("Result", std::string(10'000, '[') + std::string(10'000, ']')), {"not_json"});
  make.refused("[1]", {"schema", "not_json"});
  make.refused("5", {"schema", "not_json"});
}

void add_schema(odd_maker& make) {
  for (const auto* member : required) {
    auto object = make.event();
    object.erase(member);
    make.refused(json::serialize(object), {"schema"}, member);
    for (const auto* untrue : {"null", "\"\"", "0", "0.0", "false", "[]", "{}"})
      make.refused(make.with(member, untrue), {"schema"}, std::string("/") + member);
  }
  make.refused(make.with("df_source", "\"user\""), {"schema"}, "/df_source");
}

void add_tags(odd_maker& make) {
  const auto alone = [&](std::string value) {
    auto event = make.event();
    make.delivered(std::move(value), cleaned(event, {}));
  };
  auto object = make.event();
  object.erase("df_dimension_tags");
  alone(json::serialize(object));
  for (const auto* nothing : {"null", "\"\"", "\"{not json\""}) alone(make.with("df_dimension_tags", nothing));

  auto event = make.event();
  make.delivered(make.with("df_dimension_tags", R"("{\"df_workspace_name\":\"own\"}")"),
                 cleaned(event, {{"df_workspace_name", "own"}}));

  for (const auto* no_object : {R"("5")", R"("\"text\"")", R"("null")", R"("true")"})
    make.refused(make.with("df_dimension_tags", no_object), {"mapping"});
  make.refused(make.with("date", "\"yesterday\""), {"mapping"});
}

void add_numbers(odd_maker& make) {
  for (const auto* exact :
       {"9007199254740993", "9223372036854775808", "18446744073709551615", "1e308", "1e-320", "-0.0", "0.1"}) {
    auto event = make.event();
    make.delivered(make.with("df_dimension_tags", fmt::format(R"("{{\"n\":{}}}")", exact)),
                   cleaned(event, {{"n", parse_exact(exact)}}));
  }
  for (const auto* too_much : {"18446744073709551616", "-9223372036854775809", "1e400"})
    make.refused(make.with("df_dimension_tags", fmt::format(R"("{{\"n\":{}}}")", too_much)), {"mapping"});
}

void add_others(odd_maker& make) {
  auto event = make.event();
  auto twice = json::serialize(event);
  twice.insert(1, R"("df_title":"the first one",)");
  make.delivered(twice, cleaned(event, json::parse(event.at("df_dimension_tags").as_string()).as_object()));

  make.refused(make.with("df_message", '"' + std::string(max_bytes, 'x') + '"'), {"too_large"});
}

} // namespace

alert good_alert(std::uint64_t n, std::uint64_t keys) {
  const auto key = n % keys;
  const auto event = event_object(n, key);
  const auto tags = json::parse(event.at("df_dimension_tags").as_string()).as_object();
  return {fmt::format("{:032x}", key), json::serialize(event), cleaned(event, tags), {}, {}};
}

const std::vector<alert>& odd_alerts() {
  static const auto all = [] {
    odd_maker make;
    add_not_json(make);
    add_schema(make);
    add_tags(make);
    add_numbers(make);
    add_others(make);
    return std::move(make.all);
  }();
  return all;
}

} // namespace tocsin::integration
