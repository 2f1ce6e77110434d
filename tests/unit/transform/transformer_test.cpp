#include "transform/transformer.hpp"
#include "unit/transform/temporary_files.hpp"

#include <gmock/gmock.h>

#include <array>

namespace tocsin::transform {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class transformer_test : public testing::Test {
protected:
  void use_schema(std::string_view text) {
    files_.add("schema.json", text);
    settings_.schema = "schema.json";
  }
  void use_mapping(std::string_view text) {
    files_.add("mapping.json", text);
    settings_.mapping = "mapping.json";
  }
  void use_outbound(std::string_view text) {
    files_.add("outbound.json", text);
    settings_.outbound_schema = "outbound.json";
  }

  const verdict& of(std::optional<std::string_view> value) {
    record_.value = value;
    if (!transformer_) {
      auto made = make_transformer(settings_, {files_.path(), [] { return std::chrono::sys_time<std::chrono::milliseconds>{}; }});
      if (!made) ADD_FAILURE() << to_string(made.error().front());
      transformer_ = std::move(made).value();
    }
    transformer_->transform(record_, verdict_);
    return verdict_;
  }

  // "deliver <body>", "skip <rule>", "refuse <reason>"
  std::string answer(std::optional<std::string_view> value) {
    const verdict& v = of(value);
    switch (v.kind) {
    case verdict_kind::deliver: return "deliver " + std::string(v.mapped ? std::string_view(v.body) : record_.value.value_or(""));
    case verdict_kind::skip: return "skip " + std::string(v.rule);
    case verdict_kind::refuse: break;
    }
    return "refuse " + std::string(to_string(v.reason));
  }

  std::vector<std::string> problems_of() {
    const auto made = make_transformer(settings_, {files_.path(), {}});
    std::vector<std::string> result;
    if (made) return result;
    for (const auto& p : made.error()) result.push_back(to_string(p));
    return result;
  }

  test::temporary_files files_;
  config::event_settings settings_;
  record_view record_{"alerts", 3, 17, 1785292800000, "the key", {}, {}};
  std::unique_ptr<transformer> transformer_;
  verdict verdict_;
};

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_F(transformer_test, relays_any_bytes_where_nothing_looks_inside) {
  for (const std::string_view value : {"", "no json", "{\"a\":1}", "\xff\xfe", "{} {}"}) {
    EXPECT_EQ(answer(value), "deliver " + std::string(value));
    EXPECT_FALSE(verdict_.mapped);
  }
  EXPECT_EQ(answer(std::nullopt), "deliver ");
  EXPECT_EQ(verdict_.order_key, "the key");
}

TEST_F(transformer_test, refuses_what_is_no_json_where_anything_looks_inside) {
  use_schema("true");
  for (const std::string& value : {std::string(""),
                                   std::string(" "),
                                   std::string("nope"),
                                   std::string("{} {}"),
                                   std::string("{}x"),
                                   std::string("\"\xff\""),
                                   std::string("\"\xc3\""),
                                   std::string("\"\xed\xa0\x80\""),
                                   std::string(R"("\ud800")"),
                                   std::string(R"("\udc00\ud800")"),
                                   std::string("NaN"),
                                   std::string("[Infinity]"),
                                   std::string("\xef\xbb\xbf{}"),
                                   std::string("{\"a\":1,}"),
                                   std::string("[01]"),
                                   std::string("'a'"),
                                   std::string("{\"a\":1"),
                                   std::string("\"a\nb\""),
                                   std::string("\0{}", 3),
                                   nested(10'000),
                                   std::string(100'000, '[')}) {
    EXPECT_EQ(answer(value), "refuse not_json") << value.substr(0, 40);
    EXPECT_FALSE(verdict_.detail.empty());
  }
  EXPECT_EQ(answer(std::nullopt), "refuse not_json");
  EXPECT_THAT(verdict_.detail, HasSubstr("null"));
  EXPECT_EQ(answer(R"("\ud83d\udc32")"), R"(deliver "\ud83d\udc32")");
}

TEST_F(transformer_test, looks_inside_for_a_skip_rule_or_an_order_expression_too) {
  settings_.skip = {{"false", "never"}};
  EXPECT_EQ(answer("nope"), "refuse not_json");
  transformer_.reset();
  settings_.skip.clear();
  settings_.order_by = config::order_by_expression{"1"};
  EXPECT_EQ(answer("nope"), "refuse not_json");
}

TEST_F(transformer_test, sends_the_original_bytes_where_there_is_no_mapping) {
  use_schema(R"({"type":"object"})");
  const std::string_view value = " {\"b\" : 1.0e0, \"big\": 123456789012345678901234567890, \"b\": 2}\n";
  EXPECT_EQ(answer(value), "deliver " + std::string(value));
  EXPECT_EQ(answer("[]"), "refuse schema");
  EXPECT_EQ(answer("5"), "refuse schema");
}

TEST_F(transformer_test, refuses_larger_values_without_parsing_them) {
  settings_.max_bytes = 10;
  EXPECT_EQ(answer("0123456789"), "deliver 0123456789");
  EXPECT_EQ(answer("not json at all"), "refuse too_large");
  EXPECT_EQ(verdict_.detail, "the value has 15 bytes, event.max_bytes is 10");
}

TEST_F(transformer_test, takes_events_as_deep_as_max_depth_and_no_deeper) {
  settings_.max_depth = 5;
  use_mapping(R"({"data":{"$eval":"event"}})");
  EXPECT_EQ(answer(nested(5)), "deliver {\"data\":" + nested(5) + "}");
  EXPECT_EQ(answer(nested(6)), "refuse not_json");
}

TEST_F(transformer_test, lets_parse_json_go_as_deep_as_the_event_may) {
  settings_.max_depth = 5;
  use_mapping(R"x({"data":{"$eval":"parseJson(text, 'too deep')"}})x");
  EXPECT_EQ(answer(R"x({"text":")x" + nested(5) + "\"}"), "deliver {\"data\":" + nested(5) + "}");
  EXPECT_EQ(answer(R"x({"text":")x" + nested(6) + "\"}"), R"(deliver {"data":"too deep"})");
}

TEST_F(transformer_test, names_pointer_and_rule_of_what_does_not_fit_the_schema) {
  use_schema(R"({"type":"object","required":["id"],"properties":{"at":{"type":"integer"}}})");
  EXPECT_EQ(answer("{}"), "refuse schema");
  EXPECT_EQ(verdict_.detail, R"(the event: member "id" is missing (/required))");
  EXPECT_EQ(answer(R"({"id":1,"at":"x"})"), "refuse schema");
  EXPECT_EQ(verdict_.detail, "/at: is a string, must be an integer (/properties/at/type)");
}

TEST_F(transformer_test, maps_and_keeps_numbers_exactly_or_refuses) {
  use_mapping(R"({"n":{"$eval":"n"},"fixed":true})");
  for (const char* n : {"9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "-0.0", "0.1",
                        "1e+308", "1e-320"}) {
    EXPECT_EQ(answer(std::string(R"({"unused":1e400,"n":)") + n + "}"),
              std::string(R"(deliver {"n":)") + n + R"(,"fixed":true})");
  }
  for (const char* n :
       {"18446744073709551616", "-9223372036854775809", "1e400", "-1e400", "1e-400", "123456789012345678901234567890"}) {
    EXPECT_EQ(answer(std::string(R"({"n":)") + n + "}"), "refuse mapping") << n;
    EXPECT_THAT(verdict_.detail, HasSubstr("/n"));
  }
  EXPECT_EQ(answer(R"({"n":1,"n":2})"), R"(deliver {"n":2,"fixed":true})");
}

TEST_F(transformer_test, maps_what_is_no_object_by_the_name_event) {
  use_mapping(R"({"first":{"$eval":"event[0]"}})");
  EXPECT_EQ(answer("[7]"), R"(deliver {"first":7})");
  EXPECT_EQ(answer("7"), "refuse mapping");
}

TEST_F(transformer_test, shows_the_record_to_the_mapping) {
  use_mapping(R"({"$eval":"kafka"})");
  const std::array<header, 4> headers{{{"a", "1"}, {"b", std::nullopt}, {"a", "2"}, {"c", "\xff磁"}}};
  record_.headers = headers;
  EXPECT_EQ(answer("{}"),
            "deliver {\"topic\":\"alerts\",\"partition\":3,\"offset\":17,\"timestamp\":1785292800000,\"key\":\"the key\","
            "\"headers\":{\"a\":\"2\",\"b\":null,\"c\":\"\xef\xbf\xbd磁\"}}");
  EXPECT_TRUE(transformer_->uses_headers());
  record_.key.reset();
  record_.timestamp_ms.reset();
  EXPECT_THAT(answer("{}"), HasSubstr(R"("timestamp":null,"key":null)"));
}

TEST_F(transformer_test, says_whether_headers_are_asked_for) {
  use_mapping(R"({"a":1})");
  of("{}");
  EXPECT_FALSE(transformer_->uses_headers());
}

TEST_F(transformer_test, asks_skip_rules_in_order_and_behind_the_schema) {
  use_schema(R"({"required":["status"]})");
  settings_.skip = {{"missing == 1", "broken"}, {"status == 'info'", "informational"}, {"true", "rest"}};
  EXPECT_EQ(answer(R"({"status":"info"})"), "skip informational");
  EXPECT_EQ(verdict_.skip_failures, 1U);
  EXPECT_THAT(verdict_.expression_detail, StartsWith("skip rule broken: "));
  EXPECT_EQ(answer(R"({"status":"bad","missing":0})"), "skip rest");
  EXPECT_EQ(verdict_.skip_failures, 0U);
  EXPECT_EQ(answer("{}"), "refuse schema");
}

TEST_F(transformer_test, delivers_what_only_failing_skip_rules_speak_of) {
  settings_.skip = {{"missing == 1", "broken"}};
  EXPECT_EQ(answer(R"({"a":1})"), R"(deliver {"a":1})");
  EXPECT_EQ(verdict_.skip_failures, 1U);
}

TEST_F(transformer_test, orders_by_key_partition_or_nothing) {
  EXPECT_EQ(of("x").order_key, "the key");
  record_.key = "";
  EXPECT_EQ(of("x").order_key, "");
  record_.key.reset();
  EXPECT_EQ(of("x").order_key, std::nullopt);
  settings_.order_by = config::order_by_partition{};
  transformer_.reset();
  EXPECT_EQ(of("x").order_key, "alerts-3");
  settings_.order_by = config::order_by_none{};
  transformer_.reset();
  record_.key = "k";
  EXPECT_EQ(of("x").order_key, std::nullopt);
}

TEST_F(transformer_test, orders_by_an_expression_and_by_the_key_where_it_fails) {
  settings_.order_by = config::order_by_expression{"ref"};
  EXPECT_EQ(of(R"({"ref":"磁盘"})").order_key, "磁盘");
  EXPECT_FALSE(verdict_.order_by_failed);
  EXPECT_EQ(of(R"({"ref":["a",1]})").order_key, R"(["a",1])");
  EXPECT_EQ(of(R"({"ref":7})").order_key, "7");
  EXPECT_EQ(of(R"({"ref":null})").order_key, "null");
  EXPECT_EQ(of("{}").order_key, "the key");
  EXPECT_TRUE(verdict_.order_by_failed);
  EXPECT_EQ(verdict_.kind, verdict_kind::deliver);
  EXPECT_EQ(of(R"({"ref":18446744073709551616})").order_key, "the key");
  EXPECT_TRUE(verdict_.order_by_failed);
}

TEST_F(transformer_test, checks_what_the_mapping_made) {
  use_mapping(R"({"time":{"$eval":"at"}})");
  use_outbound(R"({"properties":{"time":{"type":"integer"}}})");
  EXPECT_EQ(answer(R"({"at":5})"), R"(deliver {"time":5})");
  EXPECT_EQ(answer(R"({"at":"5"})"), "refuse outbound_schema");
  EXPECT_EQ(verdict_.detail, "/time: is a string, must be an integer (/properties/time/type)");
  EXPECT_FALSE(verdict_.mapped);
  EXPECT_TRUE(verdict_.body.empty());
}

TEST_F(transformer_test, gives_memory_back_after_every_event) {
  use_mapping(R"({"$eval":"event"})");
  std::string numbers = "[0";
  while (numbers.size() < 200'000) numbers += ",1";
  numbers += ']';
  for (int round = 0; round < 100; ++round) { // each takes megabytes; 64 MiB is the limit
    ASSERT_EQ(answer(numbers), "deliver " + numbers) << round << ": " << verdict_.detail;
  }
}

TEST_F(transformer_test, starts_afresh_with_every_record) {
  use_mapping(R"({"a":{"$eval":"a"}})");
  settings_.skip = {{"b", "b"}};
  EXPECT_EQ(answer(R"({"a":1,"b":false})"), R"(deliver {"a":1})");
  EXPECT_EQ(answer(R"({"a":1,"b":true})"), "skip b");
  EXPECT_FALSE(verdict_.mapped);
  EXPECT_TRUE(verdict_.body.empty());
  EXPECT_EQ(answer(R"({"b":false})"), "refuse mapping");
  EXPECT_EQ(verdict_.order_key, std::nullopt);
  EXPECT_EQ(answer(R"({"a":2,"b":0})"), R"(deliver {"a":2})");
  EXPECT_TRUE(verdict_.detail.empty());
}

TEST_F(transformer_test, explains_each_node_of_the_template) {
  use_mapping(R"({"a":{"$eval":"x + 1"},"b":{"$if":"false","then":1}})");
  record_.value = R"({"x":1})";
  const auto made = make_transformer(settings_, {files_.path(), {}}).value();
  std::vector<std::string> told;
  made->transform(record_, verdict_, [&](std::string_view pointer, std::string_view value) {
    told.push_back(std::string(pointer) + "=" + std::string(value));
  });
  EXPECT_EQ(verdict_.body, R"({"a":2})");
  EXPECT_THAT(told, testing::Contains("/a=2"));
  EXPECT_THAT(told, testing::Contains("/b="));
  EXPECT_THAT(told, testing::Contains(R"(={"a":2})"));
}

TEST_F(transformer_test, names_everything_that_is_wrong_at_once) {
  use_schema(R"({"type":"objekt"})");
  use_mapping(R"({"a":{"$evil":"x"}})");
  settings_.skip = {{"a ==", "a"}, {"1", "b"}};
  settings_.order_by = config::order_by_expression{"foo("};
  const auto all = problems_of();
  ASSERT_EQ(all.size(), 4U) << testing::PrintToString(all);
  EXPECT_THAT(all[0], StartsWith("event.schema: "));
  EXPECT_THAT(all[0], HasSubstr("schema.json: /type: \"objekt\" is no type"));
  EXPECT_THAT(all[1], StartsWith("event.skip[0].when: "));
  EXPECT_THAT(all[2], StartsWith("event.order_by: "));
  EXPECT_THAT(all[3], StartsWith("event.mapping: "));
  EXPECT_THAT(all[3], HasSubstr("$evil"));
}

TEST_F(transformer_test, names_every_fault_in_a_mapping) {
  use_mapping(R"x({"a":{"$if":"b ==","then":"${c +}","else":{"$map":[],"each(x)":{"$evil":1}}},"d":["${upper(e)}",{"$eval":7}],
                "${":1,"f":{"$let":{"g":{"$eval":"h("}},"in":{"$eval":"g)"}},"i":{"$sort":[],"by(x)":"x."},"j":"${k}"})x");
  std::vector<std::string> places;
  for (const auto& fault : problems_of()) {
    EXPECT_THAT(fault, StartsWith("event.mapping: "));
    places.push_back(
        fault.substr(fault.find(".json: ") + 7, fault.find(": ", fault.find(".json: ") + 7) - fault.find(".json: ") - 7));
  }
  EXPECT_THAT(places, testing::ElementsAre("/a/$if", "/a/then", "/a/else/each(x)/$evil", "/d/0", "/d/1/$eval", "/${",
                                           "/f/$let/g/$eval", "/f/in/$eval", "/i/by(x)"));
}

TEST_F(transformer_test, names_every_fault_in_a_schema) {
  use_schema(R"({"type":"objekt","minLength":-1,"properties":{"a":{"$ref":"#/none"},"b":{"$ref":"none.json"},"c":{"minimum":"x",
               "items":{"type":"strng"}}},"definitions":{"d":7,"e":{"pattern":"("}}})");
  std::vector<std::string> places;
  for (const auto& fault : problems_of()) {
    EXPECT_THAT(fault, StartsWith("event.schema: "));
    places.push_back(
        fault.substr(fault.find(".json: ") + 7, fault.find(": ", fault.find(".json: ") + 7) - fault.find(".json: ") - 7));
  }
  EXPECT_THAT(places, testing::UnorderedElementsAre("/type", "/minLength", "/properties/a/$ref", "/properties/b/$ref",
                                                    "/properties/c/minimum", "/properties/c/items/type", "/definitions/d",
                                                    "/definitions/e/pattern"));
}

TEST_F(transformer_test, names_a_hundred_faults_and_no_more) {
  std::string many = "[0", references = "{\"allOf\":[true";
  for (int i = 0; i < 200; ++i) many += ",\"${a +}\"", references += ",{\"type\":\"x\"}";
  use_mapping(many + "]");
  EXPECT_THAT(problems_of(), testing::SizeIs(100));
  settings_.mapping.clear();
  use_schema(references + "]}");
  EXPECT_THAT(problems_of(), testing::SizeIs(100));
}

TEST_F(transformer_test, names_files_that_are_not_there_or_no_json) {
  settings_.schema = "gone.json";
  settings_.mapping = "lost.json";
  auto all = problems_of();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[0], HasSubstr("gone.json: cannot be read"));
  EXPECT_THAT(all[1], HasSubstr("lost.json: cannot be read"));
  settings_.schema = settings_.mapping = ".";
  EXPECT_THAT(problems_of(), testing::Each(HasSubstr("is a folder; name a file")));
  settings_.schema.clear();
  use_mapping("{\n \"a\": 1,\n}");
  all = problems_of();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0], HasSubstr("mapping.json: is not JSON: line 3"));
}

} // namespace
} // namespace tocsin::transform
