// proto-free-schemas/guance against a second, plain implementation of the bridge that it reproduces.
#include "transform/transformer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace tocsin::transform {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

const fs::path folder = fs::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas/guance";

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.numbers = json::number_precision::precise;
  return json::parse(text, {}, options);
}

bool truthy(const json::value& v) {
  if (v.is_null()) return false;
  if (v.is_bool()) return v.get_bool();
  if (v.is_number()) return v.to_number<double>() != 0;
  if (v.is_string()) return !v.get_string().empty();
  return v.is_array() ? !v.get_array().empty() : !v.get_object().empty();
}

// What the old script makes of an event, or which of our refusals stands for its error.
struct expectation {
  std::optional<json::value> body;
  refusal reason = refusal::schema;
};

// dict.update() with what the tags parse to. False: an error.
bool overlay(json::object& dims, const json::value& tags) {
  if (const auto* members = tags.if_object()) {
    for (const auto& member : *members) dims.insert_or_assign(member.key(), member.value());
    return true;
  }
  if (!tags.is_array()) return false;
  for (const auto& pair : tags.get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2 || !pair.get_array()[0].is_string()) return false;
    dims.insert_or_assign(pair.get_array()[0].get_string(), pair.get_array()[1]);
  }
  return true;
}

expectation clean_data(const json::value& data) {
  const auto* event = data.if_object();
  if (!event) return {};
  for (const char* field : {"df_event_id", "df_source", "df_title", "df_message", "date", "df_status", "df_workspace_name"}) {
    const json::value* v = event->if_contains(field);
    if (!v || !truthy(*v)) return {};
  }
  if (event->at("df_source") != "monitor") return {};

  json::object dims{{"df_workspace_name", event->at("df_workspace_name")}};
  if (const json::value* text = event->if_contains("df_dimension_tags"); text && text->is_string()) {
    boost::system::error_code error;
    const json::value tags = json::parse(text->get_string(), error);
    if (!error && !overlay(dims, tags)) return {std::nullopt, refusal::mapping};
  }
  const json::value& date = event->at("date");
  if (!date.is_number()) return {std::nullopt, refusal::mapping};
  return {json::object{{"alertId", event->at("df_event_id")},
                       {"alertDims", std::move(dims)},
                       {"metricName", ""},
                       {"value", ""},
                       {"metricUnit", ""},
                       {"subject", event->at("df_title")},
                       {"content", event->at("df_message")},
                       {"time", static_cast<std::int64_t>(std::trunc(date.to_number<double>() / 1000))},
                       {"isRecover", event->at("df_status") == "ok"},
                       {"extInfo", json::object{{"df_status", event->at("df_status")}}},
                       {"originInfo", json::object()},
                       {"source", "guance"}}};
}

class guance : public testing::Test {
protected:
  guance() {
    config::event_settings settings;
    settings.schema = "event.schema.json";
    settings.mapping = "to-omp.json";
    settings.outbound_schema = "outbound.schema.json";
    transformer_ = make_transformer(settings, {folder, {}}).value();
  }

  void check(const std::string& text) {
    record_view record;
    record.value = text;
    transformer_->transform(record, verdict_);
    const expectation expected = clean_data(parsed(text));
    if (expected.body) {
      ASSERT_EQ(verdict_.kind, verdict_kind::deliver) << text << "\n" << verdict_.detail;
      ASSERT_EQ(parsed(verdict_.body), *expected.body) << text;
    } else {
      ASSERT_EQ(verdict_.kind, verdict_kind::refuse) << text;
      ASSERT_EQ(verdict_.reason, expected.reason) << text << "\n" << verdict_.detail;
    }
  }

  std::unique_ptr<transformer> transformer_;
  verdict verdict_;
};

const json::object plain{{"df_event_id", "event-1"},   {"df_source", "monitor"}, {"df_title", "磁盘"},
                         {"df_message", "满了"},       {"date", 1785292800123},  {"df_status", "ok"},
                         {"df_workspace_name", "空间"}};

std::string with(std::string_view name, json::value v) {
  json::object event = plain;
  event[name] = std::move(v);
  return json::serialize(event);
}

TEST_F(guance, refuses_every_required_member_that_is_missing_or_says_nothing) {
  for (const auto& member : plain) {
    json::object event = plain;
    event.erase(member.key());
    check(json::serialize(event));
    EXPECT_EQ(verdict_.reason, refusal::schema);
    EXPECT_NE(verdict_.detail.find(member.key()), std::string::npos) << verdict_.detail;
    for (const char* nothing : {"null", "\"\"", "0", "0.0", "-0.0", "false", "[]", "{}"}) {
      check(with(member.key(), parsed(nothing)));
      EXPECT_EQ(verdict_.reason, refusal::schema);
      EXPECT_NE(verdict_.detail.find("/" + std::string(member.key())), std::string::npos) << verdict_.detail;
    }
  }
  check(with("df_source", "user"));
  check("[]");
  check("7");
}

TEST_F(guance, parses_the_dimension_tags_as_the_old_script_did) {
  for (const json::value& tags : {json::value(nullptr),
                                  json::value(""),
                                  json::value("not json"),
                                  json::value("{\"a\":"),
                                  json::value(5),
                                  json::value(json::object{{"host", "x"}}),
                                  json::value("{}"),
                                  json::value("[]"),
                                  json::value(R"({"host":"web001","n":1})"),
                                  json::value(R"({"df_workspace_name":"own","x":[1]})"),
                                  json::value("1"),
                                  json::value("\"text\""),
                                  json::value("null"),
                                  json::value("true"),
                                  json::value("false"),
                                  json::value(R"([["host","a"],["port",3306],["host","b"]])"),
                                  json::value(R"([["host"]])"),
                                  json::value(R"([["a","b","c"]])"),
                                  json::value("[1]"),
                                  json::value("[null]")}) {
    check(with("df_dimension_tags", tags));
  }
  check(json::serialize(plain));
}

TEST_F(guance, cuts_milliseconds_off_towards_zero) {
  for (const json::value& date : {json::value(1), json::value(999), json::value(1000), json::value(-1), json::value(-1999),
                                  json::value(1999.99), json::value(-0.5), json::value(9007199254740993), json::value("2026"),
                                  json::value(json::array{1}), json::value(1785292800123)}) {
    check(with("date", date));
  }
}

TEST_F(guance, agrees_on_events_made_at_random) {
  std::mt19937_64 random(20261123);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto odd = [&]() -> json::value {
    switch (below(12)) {
    case 0: return nullptr;
    case 1: return "";
    case 2: return 0;
    case 3: return below(2) == 0;
    case 4: return json::array{1, "a"};
    case 5: return json::object{{"k", json::value(nullptr)}};
    case 6: return static_cast<std::int64_t>(random());
    case 7: return random();
    case 8: return 0.1;
    case 9: return json::string(std::string(below(300), 'x') + "\"\\\n\t中🐲");
    case 10: return R"({"host":"a","df_workspace_name":7})";
    default: return "monitor";
    }
  };
  std::size_t delivered = 0;
  for (int round = 0; round < 20000; ++round) {
    json::object event = plain;
    event["df_dimension_tags"] = R"({"host":"web001"})";
    for (auto n = below(3); n > 0; --n) {
      json::value* member = &event.begin()[below(event.size())].value();
      *member = odd();
    }
    if (below(4) == 0) event.erase(event.begin() + static_cast<std::ptrdiff_t>(below(event.size())));
    const json::value* date = event.if_contains("date");
    if (date && date->is_number() && std::abs(date->to_number<double>()) > 1e15) continue; // double division, not ours to judge
    ASSERT_NO_FATAL_FAILURE(check(json::serialize(event)));
    delivered += verdict_.kind == verdict_kind::deliver;
  }
  EXPECT_GT(delivered, 5000U);
}

} // namespace
} // namespace tocsin::transform
