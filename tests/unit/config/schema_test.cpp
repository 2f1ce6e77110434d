// config.schema.json and the loader's table are held together here.
#include "config/members.hpp"
#include "config/print.hpp"
#include "config/schema_check.hpp"
#include "support.hpp"
#include "transform/schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace tocsin::config {
namespace {

namespace json = boost::json;

const json::object& schema_document() {
  static const auto document = json::parse(schema_text());
  return document.as_object();
}

// A subschema with its reference resolved, or its one allOf's.
const json::object& resolved(const json::object& subschema) {
  const json::object* found = &subschema;
  if (const auto* all = found->if_contains("allOf")) found = &all->as_array().at(0).as_object();
  if (const auto* reference = found->if_contains("$ref")) {
    const std::string name(reference->as_string());
    found = &schema_document().at("definitions").as_object().at(name.substr(name.rfind('/') + 1)).as_object();
  }
  return *found;
}

struct schema_member {
  bool required = false;
  const json::object* schema = nullptr;
};

// Every member that a schema describes, by path; secrets are leaves.
void collect(const json::object& schema, const std::string& path, std::map<std::string, schema_member>& out) {
  if (const auto* choices = schema.if_contains("anyOf"); choices != nullptr && schema.if_contains("properties") == nullptr) {
    for (const auto& choice : choices->as_array()) collect(resolved(choice.as_object()), path, out);
    return;
  }
  if (const auto* items = schema.if_contains("items")) return collect(resolved(items->as_object()), path + "[]", out);
  const auto* const properties = schema.if_contains("properties");
  if (properties == nullptr || properties->as_object().contains("file")) return;
  for (const auto& [name, member] : properties->as_object()) {
    const auto here = path.empty() ? std::string(name) : path + "." + std::string(name);
    bool required = false;
    if (const auto* names = schema.if_contains("required"))
      for (const auto& each : names->as_array()) required = required || each.as_string() == name;
    out[here] = {required, &member.as_object()};
    collect(resolved(member.as_object()), here, out);
  }
}

std::map<std::string, schema_member> schema_members() {
  std::map<std::string, schema_member> result;
  collect(schema_document(), "", result);
  return result;
}

std::map<std::string, bool> loader_members() {
  std::vector<described_member> described;
  group_kind<settings>{settings_members}.describe("", described);
  std::map<std::string, bool> result;
  for (const auto& m : described) result[m.path] = m.required;
  return result;
}

const json::value* at_path(const json::object& root, std::string_view path) {
  const json::object* object = &root;
  for (;;) {
    const auto dot = path.find('.');
    const auto* const value = object->if_contains(path.substr(0, dot));
    if (dot == std::string_view::npos || value == nullptr) return value;
    object = value->if_object();
    if (object == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

std::vector<std::string> schema_faults(const json::value& value) {
  static const auto compiled = schema::compile(json::parse(schema_text())).value();
  std::vector<std::string> faults;
  compiled.check_all(value, [&](const schema::violation& fault) { faults.push_back(schema::to_string(fault)); });
  return faults;
}

json::value as_json(std::string_view yaml) { return parse_document(yaml, variables({})).root; }

TEST(config_schema, is_the_file_that_is_shipped) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/proto-free-schemas/config.schema.json");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), schema_text());
}

TEST(config_schema, knows_the_members_that_the_loader_knows_and_no_others) {
  std::map<std::string, bool> of_schema;
  for (const auto& [path, member] : schema_members()) of_schema[path] = member.required;
  EXPECT_EQ(of_schema, loader_members());
}

TEST(config_docs, have_a_row_for_every_member_with_its_default) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/docs/configuration.md");
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `"))
      if (const auto end = line.find("` | ", 3); end != std::string::npos) rows[line.substr(3, end - 3)] = line.substr(end + 4);
  for (const auto& [path, member] : schema_members()) {
    if (resolved(*member.schema).contains("properties") && path.find('.') == std::string::npos)
      continue; // a section has a heading
    if (path == "dead_letter.topic" || path.find('.') == std::string::npos) {
      EXPECT_TRUE(rows.contains(path)) << path;
      continue;
    }
    ASSERT_TRUE(rows.contains(path)) << path;
    if (member.required) EXPECT_THAT(rows[path], testing::StartsWith("**must be said** | ")) << path;
    const auto* const value = member.schema->if_contains("default");
    if (value == nullptr) continue;
    auto text = value->is_string() && !value->as_string().empty() ? std::string(value->as_string()) : json::serialize(*value);
    if (text == R"({"file":""})") text = R"({file: ""})";
    EXPECT_THAT(rows[path], testing::StartsWith("`" + text + "` | ")) << path;
  }
}

TEST(config_schema, gives_the_defaults_that_the_loader_has) {
  auto defaults = to_json(settings{});
  std::size_t compared = 0;
  for (const auto& [path, member] : schema_members()) {
    const auto* const expected = member.schema->if_contains("default");
    if (expected == nullptr) continue;
    const auto* const actual = at_path(defaults, path);
    ASSERT_NE(actual, nullptr) << path;
    EXPECT_EQ(*actual, *expected) << path;
    ++compared;
  }
  EXPECT_GE(compared, 35U);
}

TEST(config_schema, every_optional_scalar_has_a_default_and_every_member_a_description) {
  for (const auto& [path, member] : schema_members()) {
    EXPECT_TRUE(member.schema->contains("description")) << path;
    const auto& type = resolved(*member.schema);
    const bool section = type.contains("properties") || type.contains("anyOf");
    if (!member.required && !section && path.find("[]") == std::string::npos && path != "endpoint.auth.bearer" &&
        path != "endpoint.auth.authorization") {
      EXPECT_TRUE(member.schema->contains("default")) << path;
    }
  }
}

TEST(config_schema, allows_the_effective_configuration_of_the_minimal_one) {
  EXPECT_THAT(schema_faults(as_json(minimal)), testing::IsEmpty());
  auto effective = to_json(load_yaml(minimal).value());
  EXPECT_THAT(schema_faults(effective), testing::IsEmpty());
}

TEST(config_schema, is_asked_about_what_the_loader_lets_through) {
  document doc;
  doc.root = as_json(std::string(minimal) + "admin: {allowed_hosts: [a, \"\"]}\n\"a/b~c\": 1\n");
  config_errors errors;
  check_against_schema(doc.root, place(doc, errors, "/"));
  std::vector<std::string> paths;
  for (const auto& error : errors) paths.push_back(error.path);
  EXPECT_THAT(paths, testing::Contains("admin.allowed_hosts[1]"));
  EXPECT_THAT(errors.front().message, testing::HasSubstr("(config.schema.json"));
}

TEST(config_schema, allows_variables_where_an_editor_sees_them) {
  EXPECT_THAT(
      schema_faults(json::parse(R"({"kafka": {"brokers": "${B}", "topics": ["${T}"], "group": "g", "instance_id": "${HOSTNAME}"},
      "endpoint": {"url": "${URL}", "timeout": "${T:-15s}"}, "dead_letter": "off"})")),
      testing::IsEmpty());
}

TEST(config_schema, refuses_what_is_wrong_by_itself) {
  for (const auto* bad : {
           "kafka: {brokers: k, topics: [], group: g}",
           "kafka: {brokers: k, topics: [event], group: g, shape: round}",
           "kafka: {brokers: k, topics: [event], group: g, start: 2026-11-22T08:00:00}",
           "kafka: {brokers: k, topics: [event], group: g, properties: {enable.auto.commit: false}}",
           "event: {tables: {a-b: {file: a}}}",
           "event: {tables: {a: a.json}}",
           "event: {tables: {a: {}}}",
           "event: {tables: {a: {file: \"\"}}}",
           "endpoint: {}",
           "endpoint: {url: omp.example}",
           "endpoint: {url: \"http://a/\", timeout: 15x}",
           "endpoint: {url: \"http://a/\", timeout: 15}",
           "endpoint: {url: \"http://a/\", connections: 0}",
           "endpoint: {url: \"http://a/\", auth: {bearer: hunter2}}",
           "endpoint: {url: \"http://a/\", responses: [{when: a, then: skipped}]}",
           "endpoint: {url: \"http://a/\", responses: [{when: a, then: rejected, as: b}]}",
           "dead_letter: false",
           "dead_letter: {topik: a}",
           "admin: {ops: 8080}",
           "log: {level: warn}",
       }) {
    const std::string_view section(bad);
    auto whole = as_json(minimal).as_object();
    const auto replacement = as_json(section);
    for (const auto& [name, value] : replacement.as_object()) whole[name] = value;
    EXPECT_THAT(schema_faults(whole), testing::Not(testing::IsEmpty())) << bad;
  }
}

} // namespace
} // namespace tocsin::config
