// The conformance suite of the JSON Schema project, draft 7: every mandatory case, and the optional ones that say what we
// promise.
#include "transform/schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace tocsin::schema {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

fs::path suite() {
  const char* told = std::getenv("TOCSIN_JSON_SCHEMA_SUITE");
  return told ? fs::path(told) : fs::path(TOCSIN_SOURCE_DIR) / "../shared/json-schema/draft7";
}

json::value read(const fs::path& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  json::parse_options options;
  options.numbers = json::number_precision::precise;
  return json::parse(text, {}, options);
}

// "<group>: <case>" of the cases whose answer is not the suite's.
std::vector<std::string> wrong_answers(const fs::path& path, bool assert_format, std::size_t& cases,
                                       const std::set<std::string>& skipped = {}) {
  std::vector<std::string> wrong;
  const json::value groups = read(path);
  for (const auto& group : groups.as_array()) {
    const std::string name = path.filename().string() + ": " + json::value_to<std::string>(group.at("description"));
    if (skipped.contains(name)) continue;
    schema_options options;
    options.assert_format = assert_format;
    const auto compiled = compile(group.at("schema"), options);
    if (!compiled) {
      wrong.push_back(name + " is refused: " + to_string(compiled.error()));
      continue;
    }
    for (const auto& test : group.at("tests").as_array()) {
      ++cases;
      const auto fault = compiled->check(test.at("data"));
      std::size_t faults = 0;
      compiled->check_all(test.at("data"), [&faults](const violation&) { ++faults; });
      if (fault.has_value() == test.at("valid").as_bool() || (faults != 0) != fault.has_value()) {
        wrong.push_back(name + ": " + json::value_to<std::string>(test.at("description")) + ": " +
                        json::serialize(test.at("data")) + (fault ? " refused: " + to_string(*fault) : " accepted"));
      }
    }
  }
  return wrong;
}

std::string lines(const std::vector<std::string>& texts) {
  std::string result;
  for (const auto& text : texts) result += text + '\n';
  return result;
}

TEST(schema_suite, gives_the_answer_of_every_mandatory_case) {
  if (!fs::exists(suite())) GTEST_SKIP() << "no conformance suite at " << suite() << "; say where with TOCSIN_JSON_SCHEMA_SUITE";
  std::vector<std::string> wrong;
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(suite())) {
    if (entry.path().extension() != ".json") continue;
    for (auto& text : wrong_answers(entry.path(), false, cases)) wrong.push_back(std::move(text));
  }
  EXPECT_TRUE(wrong.empty()) << lines(wrong);
  EXPECT_GT(cases, 800U);
  RecordProperty("cases", static_cast<int>(cases));
}

TEST(schema_suite, gives_the_answer_of_the_optional_cases_that_are_promised) {
  if (!fs::exists(suite())) GTEST_SKIP() << "no conformance suite at " << suite() << "; say where with TOCSIN_JSON_SCHEMA_SUITE";
  std::vector<std::string> wrong;
  std::size_t cases = 0;
  for (const char* name : {"bignum", "float-overflow", "non-bmp-regex", "ecmascript-regex", "id", "unknownKeyword"}) {
    for (auto& text : wrong_answers(suite() / "optional" / (std::string(name) + ".json"), false, cases))
      wrong.push_back(std::move(text));
  }
  EXPECT_TRUE(wrong.empty()) << lines(wrong);
  EXPECT_GT(cases, 100U);
}

TEST(schema_suite, asserts_every_format_where_asked_to) {
  if (!fs::exists(suite())) GTEST_SKIP() << "no conformance suite at " << suite() << "; say where with TOCSIN_JSON_SCHEMA_SUITE";
  // A-labels are not decoded: what only the tables of IDNA can tell is left to the resolver.
  const std::set<std::string> skipped{"hostname.json: validation of A-label (punycode) host names"};
  std::vector<std::string> wrong;
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(suite() / "optional/format")) {
    if (entry.path().filename() == "idn-hostname.json") continue; // refused by name, see schema_test.cpp
    for (auto& text : wrong_answers(entry.path(), true, cases, skipped)) wrong.push_back(std::move(text));
  }
  EXPECT_TRUE(wrong.empty()) << lines(wrong);
  EXPECT_GT(cases, 400U);
}

} // namespace
} // namespace tocsin::schema
