// The examples of docs/mapping.md, as they stand there.
#include "harness.hpp"
#include "transform/json_e/functions.hpp"

#include <fstream>
#include <iterator>
#include <set>

namespace tocsin::json_e::test {
namespace {

std::string manual() {
  std::ifstream file(TOCSIN_SOURCE_DIR "/docs/mapping.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// The cells of a table's row; code spans without their marks.
std::vector<std::string> cells(std::string_view row) {
  std::vector<std::string> made;
  for (std::size_t from = 2; from < row.size();) {
    const std::size_t end = std::min(row.find(" |", from), row.size());
    std::string_view cell = row.substr(from, end - from);
    made.emplace_back(cell);
    from = end + 3;
  }
  return made;
}

TEST(Manual, every_example_of_a_function_gives_what_it_says) {
  const std::string text = manual();
  std::size_t examples = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const auto row = cells(std::string_view(text).substr(from, end - from));
    from = end + 1;
    if (row.size() != 4 || !row[2].starts_with('`')) continue;
    EXPECT_EQ(evaluate(row[2].substr(1, row[2].size() - 2)), row[3].substr(1, row[3].size() - 2)) << row[2];
    ++examples;
  }
  EXPECT_GT(examples, 30U);
}

TEST(Manual, names_every_function) {
  const std::string text = manual();
  for (const std::string_view name : function_names()) {
    const bool named =
        text.find(fmt::format("`{}(", name)) != std::string::npos || text.find(fmt::format("`{}`", name)) != std::string::npos;
    EXPECT_TRUE(named) << name;
  }
}

TEST(Manual, the_first_mapping_works) {
  EXPECT_EQ(render(R"j({"text":"${name} on ${get(parseJson(tags, {}), 'host', 'an unknown host')}","priority":"P${level}",
                        "labels":{"$eval":"parseJson(tags, {})"}})j",
                   R"({"name":"disk full","level":2,"tags":"{\"host\":\"db1\"}"})"),
            R"({"text":"disk full on db1","priority":"P2","labels":{"host":"db1"}})");
}

} // namespace
} // namespace tocsin::json_e::test
