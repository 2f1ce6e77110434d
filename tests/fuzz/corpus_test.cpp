// Every input that is kept runs through its target again, in every build.
#include "fuzz/json_e_targets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace tocsin::fuzz {
namespace {

namespace fs = std::filesystem;

void replay(const char* name, void (*target)(std::string_view)) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(TOCSIN_SOURCE_DIR) / "tests/fuzz/corpus" / name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    SCOPED_TRACE(entry.path().string());
    target(input);
    ++count;
  }
  EXPECT_GT(count, 5U) << "the corpus of " << name << " is not there";
}

TEST(FuzzCorpus, of_expressions) { replay("json_e_expression", json_e_expression); }
TEST(FuzzCorpus, of_templates) { replay("json_e_template", json_e_template); }
TEST(FuzzCorpus, of_evaluations) { replay("json_e_evaluation", json_e_evaluation); }
TEST(FuzzCorpus, of_json) { replay("json_reader", json_reader); }

} // namespace
} // namespace tocsin::fuzz
