// Every folder of proto-free-schemas/ with a tocsin.yaml: its configuration loads, each of its example events becomes exactly the
// body (or outcome) in expected/, what is sent fits the outbound schema, and the answers in answers.json mean what they say.
// TOCSIN_WRITE_EXPECTED=1 writes expected/ anew, for people to read before they commit it.
#include "config/load.hpp"
#include "delivery/outcome.hpp"
#include "push/response_policy.hpp"
#include "transform/schema.hpp"
#include "transform/transformer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace tocsin::transform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::vector<fs::path> folders() {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(fs::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas")) {
    if (fs::exists(entry.path() / "tocsin.yaml")) result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(folder)) result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

config::settings settings_of(const fs::path& folder) {
  const auto loaded = config::load_text(text_of(folder / "tocsin.yaml") + "\n", folder,
                                        [](std::string_view) { return "https://endpoint.example/x"; });
  if (!loaded) {
    for (const auto& error : loaded.error()) ADD_FAILURE() << config::to_text(error, "tocsin.yaml");
  }
  return loaded.value();
}

class gallery : public testing::TestWithParam<fs::path> {};

TEST_P(gallery, makes_exactly_the_bodies_that_are_expected) {
  const config::settings settings = settings_of(GetParam());
  auto made = make_transformer(settings.event,
                               {{}, [] { return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::hours(495000)); }});
  if (!made) FAIL() << to_string(made.error().front());
  verdict result;
  std::set<std::string> used;
  for (const fs::path& example : files_in(GetParam() / "examples")) {
    const std::string value = text_of(example);
    EXPECT_EQ(value.find('\n'), std::string::npos) << example << " is read by `tocsin transform`, one event a line";
    record_view record{"event", 0, 42, 1785292800500, "key", value, {}};
    (*made)->transform(record, result);
    EXPECT_FALSE(result.order_by_failed && GetParam().filename() != "guance") << example << ": " << result.expression_detail;
    std::string got, name = example.stem().string() + ".json";
    switch (result.kind) {
    case verdict_kind::deliver: got = result.body; break;
    case verdict_kind::skip:
      got = "skip " + std::string(result.rule);
      name = example.stem().string() + ".txt";
      break;
    case verdict_kind::refuse:
      got = "refuse " + std::string(to_string(result.reason)) + ": " + result.detail;
      name = example.stem().string() + ".txt";
      break;
    }
    const fs::path expected = GetParam() / "expected" / name;
    if (std::getenv("TOCSIN_WRITE_EXPECTED")) std::ofstream(expected, std::ios::binary) << got << '\n';
    EXPECT_EQ(got, text_of(expected)) << example;
    used.insert(name);
  }
  EXPECT_FALSE(used.empty());
  for (const fs::path& expected : files_in(GetParam() / "expected"))
    EXPECT_TRUE(used.contains(expected.filename().string())) << expected;
}

TEST_P(gallery, fits_the_receivers_schema_formats_included) {
  schema::schema_options options;
  options.file = GetParam() / "outbound.schema.json";
  options.assert_format = true;
  const auto outbound = schema::compile_file(options);
  ASSERT_TRUE(outbound) << schema::to_string(outbound.error());
  for (const fs::path& body : files_in(GetParam() / "expected")) {
    if (body.extension() != ".json") continue;
    const auto fault = outbound->check(json::parse(text_of(body)));
    EXPECT_FALSE(fault) << body << ": " << schema::to_string(*fault);
  }
}

TEST_P(gallery, understands_the_receivers_answers) {
  const config::settings settings = settings_of(GetParam());
  const auto policy = push::response_policy::compile(settings.endpoint.responses);
  ASSERT_TRUE(policy);
  std::size_t cases = 0;
  const json::value answers = json::parse(text_of(GetParam() / "answers.json"));
  for (const auto& given : answers.as_array()) {
    push::answer answer;
    answer.status = static_cast<unsigned>(given.at("status").as_int64());
    if (const auto* text = given.as_object().if_contains("text")) answer.body = text->as_string();
    if (const auto* body = given.as_object().if_contains("body")) answer.body = json::serialize(*body);
    const auto decided = policy->decide(answer, {}).result;
    EXPECT_EQ(delivery::to_string(decided.outcome), std::string_view(given.at("outcome").as_string())) << json::serialize(given);
    const auto* as = given.as_object().if_contains("as");
    EXPECT_EQ(decided.rule, as ? std::string_view(as->as_string()) : std::string_view()) << json::serialize(given);
    ++cases;
  }
  EXPECT_GT(cases, 3U);
}

TEST_P(gallery, says_where_the_shape_comes_from) {
  EXPECT_NE(text_of(GetParam() / "README.md").find("https://"), std::string::npos);
  EXPECT_TRUE(text_of(GetParam() / "tocsin.yaml").starts_with("# yaml-language-server: $schema=../config.schema.json\n"));
}

TEST(gallery_folders, are_found) { EXPECT_GE(folders().size(), 10U); }

INSTANTIATE_TEST_SUITE_P(receivers, gallery, testing::ValuesIn(folders()),
                         [](const auto& tested) { return tested.param.filename().string(); });

} // namespace
} // namespace tocsin::transform
