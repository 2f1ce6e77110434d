#include "transform/tables.hpp"
#include "unit/transform/temporary_files.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace tocsin::transform {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class tables_test : public testing::Test {
protected:
  std::unique_ptr<transformer> made() { return make_transformer(settings_, {files_.path(), {}}).value(); }

  // The body, or why there is none.
  std::string body(transformer& from, std::string_view event) {
    record_view record;
    record.value = event;
    from.transform(record, verdict_);
    return verdict_.kind == verdict_kind::deliver ? verdict_.body : verdict_.detail;
  }
  void use_mapping(std::string_view text) {
    files_.add("m.json", text);
    settings_.mapping = "m.json";
  }

  test::temporary_files files_;
  config::event_settings settings_;
  verdict verdict_;
};

TEST_F(tables_test, are_read_each_under_its_name) {
  files_.add("a.json", R"({"x": [1, 2.5, "\u8b66"], "y": {"z": null}, "x": 7})");
  files_.add("b.json", "{}");
  problems found;
  const auto tables = read_tables({{"a", "a.json"}, {"b", files_.path() / "b.json"}}, files_.path(), found);
  EXPECT_THAT(found, IsEmpty());
  EXPECT_EQ(tables, (boost::json::object{{"a", {{"x", 7}, {"y", {{"z", nullptr}}}}}, {"b", boost::json::object()}}));
}

TEST_F(tables_test, that_cannot_be_used_say_why_and_stay_empty) {
  files_.add("array.json", "[1]");
  files_.add("text.json", "\"a\"");
  files_.add("number.json", "1");
  files_.add("null.json", "null");
  files_.add("broken.json", "{\n\"a\": 1,\n}");
  files_.add("empty.json", "");
  files_.add("deep.json", "{\"a\":" + std::string(64, '[') + std::string(64, ']') + "}");
  files_.add("good.json", "{}");
  problems found;
  const auto tables = read_tables({{"gone", "gone.json"},
                                   {"array", "array.json"},
                                   {"text", "text.json"},
                                   {"number", "number.json"},
                                   {"none", "null.json"},
                                   {"broken", "broken.json"},
                                   {"empty", "empty.json"},
                                   {"deep", "deep.json"},
                                   {"good", "good.json"},
                                   {"told", ""}},
                                  files_.path(), found);
  std::vector<std::string> said;
  for (const auto& each : found) said.push_back(each.member + " " + each.message);
  EXPECT_THAT(said,
              ElementsAre("event.tables.gone.file cannot be read: No such file or directory; name a file that this user may read",
                          "event.tables.array.file holds an array; a table is a JSON object: {\"key\": value, ...}",
                          "event.tables.text.file holds a string; a table is a JSON object: {\"key\": value, ...}",
                          "event.tables.number.file holds a number; a table is a JSON object: {\"key\": value, ...}",
                          "event.tables.none.file holds null; a table is a JSON object: {\"key\": value, ...}",
                          "event.tables.broken.file is not JSON: line 3: this is not JSON",
                          "event.tables.empty.file is not JSON: line 1: the text is empty",
                          "event.tables.deep.file is not JSON: line 1: arrays and objects are nested too deeply"));
  EXPECT_EQ(found.front().file, files_.path() / "gone.json");
  EXPECT_EQ(tables, (boost::json::object{{"good", boost::json::object()}}));
}

TEST_F(tables_test, are_looked_up_in_by_mapping_skip_rules_and_order_key) {
  files_.add("t.json", R"({"a": {"team": "one", "skip": false}, "b": {"team": "two", "skip": true}})");
  settings_.tables = {{"t", "t.json"}};
  settings_.skip = {{"tables.t[k].skip", "muted"}};
  settings_.order_by = config::order_by_expression{"tables.t[k].team"};
  use_mapping(R"({"team":{"$eval":"tables.t[k].team"},"all":{"$eval":"tables.t.a"}})");
  const auto relay = made();
  EXPECT_EQ(body(*relay, R"({"k":"a"})"), R"({"team":"one","all":{"team":"one","skip":false}})");
  EXPECT_EQ(verdict_.order_key, "one");
  body(*relay, R"({"k":"b"})");
  EXPECT_EQ(verdict_.kind, verdict_kind::skip);
  EXPECT_EQ(body(*relay, R"({"k":"c"})"), "/team: tables.t[k].team: .team wants an object, not null");
  EXPECT_EQ(body(*relay, R"({"k":"a"})"), R"({"team":"one","all":{"team":"one","skip":false}})") << "the tables are still there";
}

TEST_F(tables_test, hide_a_member_of_the_event_only_where_there_are_any) {
  use_mapping(R"({"x":{"$eval":"tables.x"}})");
  EXPECT_EQ(body(*made(), R"({"tables":{"x":1}})"), R"({"x":1})");
  files_.add("t.json", R"({"y":2})");
  settings_.tables = {{"x", "t.json"}};
  EXPECT_EQ(body(*made(), R"({"tables":{"x":1}})"), R"({"x":{"y":2}})");
  use_mapping(R"({"x":{"$eval":"event['tables'].x"}})");
  EXPECT_EQ(body(*made(), R"({"tables":{"x":1}})"), R"({"x":1})");
}

TEST_F(tables_test, send_numbers_exactly_or_refuse) {
  files_.add("t.json", R"({"a": 9007199254740993, "b": 0.1, "c": 123456789012345678901234567890})");
  settings_.tables = {{"t", "t.json"}};
  use_mapping(R"({"n":{"$eval":"tables.t[k]"}})");
  const auto relay = made();
  EXPECT_EQ(body(*relay, R"({"k":"a"})"), R"({"n":9007199254740993})");
  EXPECT_EQ(body(*relay, R"({"k":"b"})"), R"({"n":0.1})");
  EXPECT_THAT(body(*relay, R"({"k":"c"})"), testing::HasSubstr("/n"));
}

// What stands in docs/mapping.md between ```json marks behind `heading`.
std::vector<std::string> json_blocks(const std::string& text, std::string_view heading) {
  std::vector<std::string> blocks;
  const auto end = text.find("\n## ", text.find(heading) + 1);
  constexpr std::string_view mark = "```json\n";
  for (auto at = text.find(mark, text.find(heading)); at < end; at = text.find(mark, at + 1))
    blocks.push_back(text.substr(at + mark.size(), text.find("```", at + mark.size()) - at - mark.size()));
  return blocks;
}

TEST_F(tables_test, of_the_manual_give_what_it_says) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/docs/mapping.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  const auto blocks = json_blocks(manual, "\n## Tables");
  ASSERT_EQ(blocks.size(), 2U);
  files_.add("services.json", blocks[0]);
  settings_.tables = {{"services", "services.json"}};
  use_mapping(blocks[1]);
  const auto relay = made();
  for (const char* event : {R"({"service":"checkout"})", R"({"service":"billing"})"})
    EXPECT_THAT(manual, testing::HasSubstr(fmt::format("`{}` gives `{}`", event, body(*relay, event))));
}

} // namespace
} // namespace tocsin::transform
