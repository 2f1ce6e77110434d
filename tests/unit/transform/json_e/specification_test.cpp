// The language's own conformance cases, from where TOCSIN_JSON_E_SPEC points to.
#include "harness.hpp"
#include "transform/json_e/numbers.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tocsin::json_e::test {
namespace {

namespace json = boost::json;

std::filesystem::path specification() {
  const char* given = std::getenv("TOCSIN_JSON_E_SPEC");
  return given != nullptr ? given : TOCSIN_SOURCE_DIR "/../shared/json-e/specification.ndjson";
}

double number_of(const json::value& value) {
  if (!value.is_double()) return value.to_number<double>();
  return range_of(value) == out_of_range::no ? value.get_double() : nearest(value.get_double());
}

bool same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    if (left.is_double() || right.is_double()) return number_of(left) == number_of(right);
    return left == right;
  }
  if (left.is_array() && right.is_array()) return std::ranges::equal(left.get_array(), right.get_array(), same);
  if (left.is_object() && right.is_object()) {
    if (left.get_object().size() != right.get_object().size()) return false;
    return std::ranges::all_of(left.get_object(), [&](const auto& each) {
      const json::value* other = right.get_object().if_contains(each.key());
      return other != nullptr && same(each.value(), *other);
    });
  }
  return left == right;
}

// Why the case fails; nothing where it passes.
std::string fault_of(const json::object& given) {
  const bool fails = given.contains("error");
  auto made = template_document::compile(given.at("template"), vocabulary::open());
  if (!made) return fails ? "" : "refused: " + made.error().to_string();
  const json::value& context = given.at("context");
  const environment where{&context.as_object(), {}, now, member_names::identifiers};
  scratch memory;
  auto value = made->render(where, memory);
  std::string text;
  scratch other;
  const auto written = made->render_to(where, other, text);
  if (value.has_value() != written.has_value()) return "render() and render_to() differ in whether there is a result";
  if (!value) return fails ? "" : "failed: " + value.error().to_string();
  if (fails) return "gave " + text + " where an error is due";
  const document again(text);
  if (!same(*value, given.at("result"))) return "render() gave " + json::serialize(*value);
  if (!same(again.value(), given.at("result"))) return "render_to() gave " + text;
  return "";
}

TEST(Specification, every_case_has_its_result_or_its_error) {
  std::ifstream file(specification());
  if (!file) GTEST_SKIP() << "no conformance cases at " << specification() << "; TOCSIN_JSON_E_SPEC names another place";
  std::size_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    const document parsed(line);
    const json::object& given = parsed.value().as_object();
    const std::string fault = fault_of(given);
    EXPECT_EQ(fault, "") << given.at("section") << " / " << given.at("title") << "\n  template "
                         << json::serialize(given.at("template")) << "\n  context  " << json::serialize(given.at("context"));
    ++cases;
  }
  EXPECT_GE(cases, 1175U);
}

} // namespace
} // namespace tocsin::json_e::test
