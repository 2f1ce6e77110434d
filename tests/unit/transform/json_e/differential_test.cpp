// Random templates over random contexts, here and in the reference implementation (PyPI: json-e), which a virtual environment
// under the build directory holds. TOCSIN_JSON_E_PAIRS sets how many pairs, TOCSIN_JSON_E_SEED which ones.
//
// What may differ, and is counted: the reference follows Python in places where the language's JavaScript implementation is what
// we follow (reference.py changes these); a fault in a branch that is not taken refuses the template here; numbers that the
// reference rounds, or has as big integers, are refused here; so is a $match with a value that is left out, which the reference
// refuses late.
#include "harness.hpp"
#include "random_templates.hpp"
#include "transform/json_e/writer.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

namespace tocsin::json_e::test {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr const char* version = "4.8.4";

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

// The Python that has the reference; empty where it is not to be had.
fs::path reference_python() {
  const fs::path home = fs::path(TOCSIN_BINARY_DIR) / "json-e-reference", python = home / "bin/python";
  const std::string works = fmt::format("'{}' -c 'import jsone' 2>/dev/null", python.string());
  if (run(works)) return python;
  const std::string log = home.string() + ".log";
  (void)run(fmt::format("python3 -m venv '{0}' >'{1}' 2>&1 && '{0}/bin/pip' install --quiet json-e=={2} >>'{1}' 2>&1",
                        home.string(), log, version));
  return run(works) ? python : fs::path();
}

bool same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    if (left.is_double() || right.is_double()) return left.to_number<double>() == right.to_number<double>();
    return left == right;
  }
  if (left.is_array() && right.is_array()) return std::ranges::equal(left.get_array(), right.get_array(), same);
  if (left.is_object() && right.is_object()) {
    return left.get_object().size() == right.get_object().size() && std::ranges::all_of(left.get_object(), [&](const auto& each) {
             const json::value* other = right.get_object().if_contains(each.key());
             return other != nullptr && same(each.value(), *other);
           });
  }
  return left == right;
}

struct outcome {
  std::string text; // of the result, empty without one
  std::string refusal;
  bool at_start = false;
};

outcome rendered(const random_templates::pair& pair, scratch& memory) {
  auto made = template_document::compile(pair.source, vocabulary::open());
  if (!made) return {"", made.error().to_string(), true};
  memory.reset();
  std::string text;
  const auto written = made->render_to({&pair.context, {}, now}, memory, text);
  if (!written) return {"", written.error().to_string(), false};
  return {text, "", false};
}

// Why the two may differ; empty: they may not.
std::string accepted(const outcome& ours, const json::object& theirs) {
  if (!theirs.contains("result")) return "";
  if (ours.at_start) return "refused at the start for a fault in a branch not taken";
  if (ours.refusal.find("is left out, and a list") != std::string::npos) return "a $match whose value is left out";
  for (const char* reason : {"beyond 64 bits", "beyond the largest number", "too close to zero", "no real number"})
    if (ours.refusal.find(reason) != std::string::npos) return "a number that is exact or refused";
  return "";
}

std::string json_text(const json::value& item) {
  std::string text;
  (void)append_json(text, value::of(item));
  return text;
}

TEST(Differential, random_templates_render_as_in_the_reference) {
  const fs::path python = reference_python();
  if (python.empty())
    GTEST_SKIP() << "the reference implementation json-e " << version << " could not be installed with python3 and pip";
  const auto seed = from_environment("TOCSIN_JSON_E_SEED", 20170119), pairs = from_environment("TOCSIN_JSON_E_PAIRS", 3000);
  fmt::print("seed {}, {} pairs\n", seed, pairs);

  const std::string stem = fmt::format("{}/json-e-pairs-{}", TOCSIN_BINARY_DIR, ::getpid());
  {
    random_templates generator(seed);
    std::ofstream file(stem + ".in");
    for (std::uint64_t at = 0; at < pairs; ++at) {
      const auto pair = generator.next();
      file << "{\"template\":" << json_text(pair.source) << ",\"context\":" << json_text(json::value(pair.context)) << "}\n";
    }
  }
  ASSERT_TRUE(run(fmt::format("'{}' '{}/tests/unit/transform/json_e/reference.py' <'{}.in' >'{}.out'", python.string(),
                              TOCSIN_SOURCE_DIR, stem, stem)));

  random_templates generator(seed);
  std::ifstream answers(stem + ".out");
  std::map<std::string, std::uint64_t> counts;
  scratch memory;
  std::uint64_t wrong = 0;
  for (std::uint64_t at = 0; at < pairs && wrong < 20; ++at) {
    const auto pair = generator.next();
    std::string line;
    ASSERT_TRUE(std::getline(answers, line)) << "the reference stopped at pair " << at;
    const document answer(line);
    const json::value& theirs = answer.value();
    const outcome ours = rendered(pair, memory);
    const json::value* result = theirs.get_object().if_contains("result");
    const bool agree = result != nullptr ? !ours.text.empty() && same(document(ours.text).value(), *result) : ours.text.empty();
    const std::string reason =
        agree ? (result != nullptr ? "the same result" : "an error in both") : accepted(ours, theirs.get_object());
    ++counts[reason.empty() ? "DIFFERENT" : reason];
    if (!reason.empty()) continue;
    ++wrong;
    ADD_FAILURE() << "pair " << at << " of seed " << seed << "\n  template " << json_text(pair.source) << "\n  context  "
                  << json_text(json::value(pair.context)) << "\n  ours     " << ours.text << ours.refusal << "\n  theirs   "
                  << line;
  }
  for (const auto& [what, count] : counts) fmt::print("{:8} {}\n", count, what);
  // The test would prove nothing about results if most pairs had none.
  EXPECT_GT(counts["the same result"] * 3, pairs);
  fs::remove(stem + ".in");
  fs::remove(stem + ".out");
}

} // namespace
} // namespace tocsin::json_e::test
