#include "transform/schema.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tocsin::schema {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

schema made(std::string_view text, const schema_options& options = {}) { return compile(json::parse(text), options).value(); }

schema_error refused(std::string_view text, const schema_options& options = {}) {
  const auto compiled = compile(json::parse(text), options);
  EXPECT_FALSE(compiled) << text;
  return compiled ? schema_error{} : compiled.error();
}

std::string first(const schema& s, std::string_view instance) {
  const auto fault = s.check(json::parse(instance));
  return fault ? to_string(*fault) : "";
}

std::vector<std::string> all(const schema& s, std::string_view instance) {
  std::vector<std::string> result;
  s.check_all(json::parse(instance), [&result](const violation& v) { result.push_back(to_string(v)); });
  return result;
}

class directory {
public:
  directory() {
    std::string name = (fs::temp_directory_path() / "tocsin-schema-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~directory() { fs::remove_all(path_); }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  fs::path file(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

private:
  fs::path path_;
};

TEST(schema_check, names_the_pointer_the_fault_and_the_rule) {
  const schema s = made(R"({"type":"object","required":["id","at"],"properties":{
      "at":{"type":"integer","minimum":1},"from":{"const":"monitor"},"tags":{"items":{"type":["string","null"],"maxLength":3}},
      "title":{"not":{"enum":[null,""]}},"level":{"enum":["ok","bad"]},"a/b":{"pattern":"^x"}},"additionalProperties":{"type":"string"}})");
  EXPECT_EQ(first(s, R"({"id":"x","at":5})"), "");
  EXPECT_EQ(first(s, R"({"at":5})"), R"(the event: member "id" is missing (/required))");
  EXPECT_EQ(first(s, R"([1])"), "the event: is an array, must be an object (/type)");
  EXPECT_EQ(first(s, R"({"id":"x","at":"5"})"), "/at: is a string, must be an integer (/properties/at/type)");
  EXPECT_EQ(first(s, R"({"id":"x","at":0})"), "/at: must be at least 1 (/properties/at/minimum)");
  EXPECT_EQ(first(s, R"({"id":"x","at":1.5})"), "/at: is a number with a fraction, must be an integer (/properties/at/type)");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"from":"user"})"), R"(/from: must be "monitor" (/properties/from/const))");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"tags":["a",7]})"),
            "/tags/1: is a number, must be a string or null (/properties/tags/items/type)");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"tags":["磁盘空间"]})"),
            "/tags/0: has 4 characters, must have at most 3 (/properties/tags/items/maxLength)");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"title":""})"),
            R"(/title: is a string, must not be one of null, "" (/properties/title/not))");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"level":"info"})"), R"(/level: must be one of "ok", "bad" (/properties/level/enum))");
  EXPECT_EQ(first(s, R"({"id":"x","at":1,"a/b":"y"})"), "/a~1b: must match the pattern ^x (/properties/a~1b/pattern)");
  EXPECT_EQ(first(s, R"({"id":7,"at":1})"), "/id: is a number, must be a string (/additionalProperties/type)");
}

TEST(schema_check, never_shows_the_text_of_a_value) {
  const schema s = made(R"({"additionalProperties":{"enum":["a",{"b":1}],"type":"string"}})");
  EXPECT_EQ(first(s, R"({"x":"secret"})").find("secret"), std::string::npos);
  EXPECT_EQ(first(s, R"({"x":{"secret":1}})").find("secret"), std::string::npos);
}

TEST(schema_check_all, reports_every_fault_once_and_in_order) {
  const schema s = made(
      R"({"required":["a","b"],"properties":{"a":true,"b":true,"c":{"type":"string"},"d":{"minimum":3,"multipleOf":2}},"additionalProperties":false})");
  const std::vector<std::string> expected{"/c: is a number, must be a string (/properties/c/type)",
                                          "/d: must be at least 3 (/properties/d/minimum)",
                                          "/d: must be a multiple of 2 (/properties/d/multipleOf)",
                                          R"(the event: member "colour" is not known here (/additionalProperties))",
                                          R"(the event: member "a" is missing (/required))",
                                          R"(the event: member "b" is missing (/required))"};
  EXPECT_EQ(all(s, R"({"c":1,"d":1,"colour":"red"})"), expected);
  EXPECT_TRUE(all(s, R"({"a":1,"b":2})").empty());
}

TEST(schema_check_all, speaks_of_the_only_alternative_for_the_type_at_hand) {
  const schema s = made(R"({"properties":{"auth":{"oneOf":[{"type":"string"},{"type":"object","required":["file"]}]},
                            "n":{"anyOf":[{"type":"string"},{"type":"null"}]}}})");
  EXPECT_EQ(all(s, R"({"auth":{}})"),
            std::vector<std::string>{R"(/auth: member "file" is missing (/properties/auth/oneOf/1/required))"});
  EXPECT_EQ(all(s, R"({"auth":3})"),
            std::vector<std::string>{"/auth: is a number, must be a string or an object (/properties/auth/oneOf)"});
  EXPECT_EQ(all(s, R"({"n":3})"), std::vector<std::string>{"/n: is a number, must be a string or null (/properties/n/anyOf)"});
}

TEST(schema_compile, refuses_a_wrong_schema_with_the_place_and_the_way_out) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {R"({"properties":{"a":{"type":"strnig"}}})",
       R"(/properties/a/type: "strnig" is no type; there are null, boolean, integer, number, string, array and object)"},
      {R"({"type":[]})", "/type: is an empty array, must name at least one type"},
      {R"({"type":["string","string"]})", "/type: names string twice"},
      {R"({"required":"a"})", "/required: is a string, must be an array of member names"},
      {R"({"required":["a","a"]})", R"(/required: names "a" twice)"},
      {R"({"minLength":-1})", "/minLength: is -1, must be an integer of at least 0"},
      {R"({"maximum":"3"})", "/maximum: is a string, must be a number"},
      {R"({"exclusiveMinimum":true})", "/exclusiveMinimum: is a boolean, must be a number"},
      {R"({"multipleOf":0})", "/multipleOf: must be above 0"},
      {R"({"items":3})", "/items: is a number, must be a schema: an object, true or false"},
      {R"({"allOf":[]})", "/allOf: must be a non-empty array of schemas"},
      {R"({"enum":"a"})", "/enum: is a string, must be an array"},
      {R"({"uniqueItems":1})", "/uniqueItems: is a number, must be true or false"},
      {R"({"definitions":{"unused":{"pattern":7}}})", "/definitions/unused/pattern: is a number, must be a string"},
      {R"x({"pattern":"(?=a)"})x",
       R"x(/pattern: "(?=a)" is not a pattern that can be used: look-ahead and look-behind cannot be matched in linear time: )x"
       R"(the assertion that ends at character 4)"},
      {R"({"properties":{"a":{"$ref":"#/definitions/b"}}})",
       R"(/properties/a/$ref: "#/definitions/b" leads nowhere: there is no /definitions)"},
      {R"({"$ref":"https://example.com/x.json"})",
       R"(/$ref: "https://example.com/x.json" leads to https://example.com/x.json, and schemas are never )"
       R"(fetched: keep a copy beside this file and refer to it by its relative path)"},
      {R"({"$ref":"x.json"})", R"(/$ref: "x.json" is a file beside the schema, but this schema is not from a file)"},
      {R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})",
       R"(/$schema: "https://json-schema.org/draft/2020-12/schema" is another draft; this program knows draft 7: http://json-schema.org/draft-07/schema#)"},
      {R"("object")", "is a string, must be a schema: an object, true or false"}};
  for (const auto& [text, message] : wrong) EXPECT_EQ(to_string(refused(text)), message);
}

TEST(schema_compile, refuses_references_that_never_end) {
  for (const char* text :
       {R"({"$ref":"#"})",
        R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}},"$ref":"#/definitions/a"})",
        R"({"allOf":[{"anyOf":[{"$ref":"#"}]}]})", R"({"if":{"not":{"$ref":"#"}}})", R"({"dependencies":{"a":{"$ref":"#"}}})"}) {
    EXPECT_NE(refused(text).message.find("refers to itself"), std::string::npos) << text;
  }
}

TEST(schema_compile, refuses_idn_hostname_only_where_formats_are_asserted) {
  schema_options options;
  EXPECT_TRUE(compile(json::parse(R"({"format":"idn-hostname"})"), options));
  options.assert_format = true;
  EXPECT_EQ(refused(R"({"format":"idn-hostname"})", options).pointer, "/format");
}

TEST(schema_compile_file, follows_references_to_local_files_and_back) {
  const directory d;
  d.file("parts/tag.json",
         R"({"definitions":{"name":{"type":"string","minLength":1}},"type":"array","items":{"$ref":"#/definitions/name"}})");
  d.file("parts/more parts.json", R"({"properties":{"event":{"$ref":"../event.json"}}})");
  schema_options options;
  options.file = d.file(
      "event.json",
      R"({"type":"object","properties":{"tags":{"$ref":"parts/tag.json"},"first":{"$ref":"parts/tag.json#/definitions/name"},
                                          "more":{"$ref":"parts/more%20parts.json"}}})");
  const auto s = compile_file(options);
  ASSERT_TRUE(s) << to_string(s.error());
  EXPECT_EQ(first(*s, R"({"tags":["a"],"first":"a","more":{"event":{"first":"a"}}})"), "");
  const auto fault = s->check(json::parse(R"({"more":{"event":{"tags":["a",""]}}})"));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->instance, "/more/event/tags/1");
  EXPECT_TRUE(fault->pointer.ends_with("parts/tag.json#/definitions/name/minLength")) << fault->pointer;
}

TEST(schema_compile_file, names_the_file_that_is_at_fault) {
  const directory d;
  d.file("broken.json", R"({"type":})");
  d.file("wrong.json", R"({"definitions":{"a":{"type":"text"}}})");
  schema_options options;
  options.file = d.file("event.json", R"({"$ref":"wrong.json#/definitions/a"})");
  const auto wrong = compile_file(options);
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().file.ends_with("wrong.json")) << wrong.error().file;
  EXPECT_EQ(wrong.error().pointer, "/definitions/a/type");

  options.file = d.file("event.json", R"({"properties":{"a":{"$ref":"broken.json"}}})");
  const auto broken = compile_file(options);
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().file.ends_with("event.json"));
  EXPECT_EQ(broken.error().pointer, "/properties/a/$ref");
  EXPECT_NE(broken.error().message.find("is not JSON"), std::string::npos) << broken.error().message;

  options.file = d.file("gone.json", "{}").parent_path() / "nowhere.json";
  EXPECT_NE(to_string(compile_file(options).error()).find("nowhere.json: cannot be read"), std::string::npos);
}

TEST(schema_check, ends_a_check_that_branches_without_end) {
  schema_options options;
  options.max_steps = 100'000;
  const schema s =
      made(R"({"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["b"]},{"properties":{"a":{"$ref":"#"}},"required":["c"]}]})",
           options);
  json::value deep = json::object{};
  for (int i = 0; i < 200; ++i) deep = json::object{{"a", std::move(deep)}};
  const auto fault = s.check(deep);
  ASSERT_TRUE(fault);
  // Under a "not" it is no pass either.
  const schema negated = made(
      R"({"not":{"$ref":"#/definitions/x"},"definitions":{"x":{"anyOf":[{"properties":{"a":{"$ref":"#/definitions/x"}},"required":["b"]},
                                 {"properties":{"a":{"$ref":"#/definitions/x"}},"required":["c"]}]}}})",
      options);
  const auto limit = negated.check(deep);
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->rule, "limit");
}

TEST(schema_check, ends_a_check_that_goes_too_deep) {
  const schema s = made(R"({"items":{"allOf":[{"$ref":"#"}]}})");
  json::value deep = json::array{};
  for (int i = 0; i < 4000; ++i) deep = json::array{std::move(deep)};
  const auto fault = s.check(deep);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->rule, "limit");
}

TEST(schema_check, finds_equal_elements_in_large_arrays_without_comparing_all_pairs) {
  schema_options options;
  options.max_steps = 300'000;
  const schema s = made(R"({"uniqueItems":true})", options);
  json::array many;
  for (int i = 0; i < 100'000; ++i) many.emplace_back(json::array{i, std::to_string(i)});
  json::value all_different = many;
  EXPECT_FALSE(s.check(all_different));
  many.emplace_back(json::array{77.0, "77"});
  EXPECT_EQ(s.check(json::value(many))->rule, "uniqueItems");
}

TEST(schema_check, takes_a_marked_number_for_the_nearest_double) {
  schema_options options;
  options.nearest = [](double) { return 1e40; };
  const double marked = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(made(R"({"type":"integer","minimum":5})", options).check(json::value(marked)));
  EXPECT_EQ(made(R"({"maximum":5})", options).check(json::value(marked))->rule, "maximum");
}

} // namespace
} // namespace tocsin::schema
