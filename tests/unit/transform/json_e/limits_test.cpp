// Hostile templates and events end in a refusal, soon.
#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

std::string repeated(std::string_view before, std::string_view middle, std::string_view after, int times) {
  std::string made;
  for (int at = 0; at < times; ++at) made += before;
  made += middle;
  for (int at = 0; at < times; ++at) made += after;
  return made;
}

TEST(Limits, refuse_templates_that_are_too_deep) {
  boost::json::value deep(1);
  for (int at = 0; at < 4000; ++at) deep = boost::json::array{std::move(deep)};
  EXPECT_THAT(template_document::compile(deep, {}).error().message, testing::HasSubstr("nested deeper than 200"));
}

TEST(Limits, refuse_expressions_that_are_too_deep) {
  for (const auto& [before, after] : {std::pair{"(", ")"},
                                      {"[", "]"},
                                      {"-", ""},
                                      {"!", ""},
                                      {"{a:", "}"},
                                      {"len(", ")"},
                                      {"1 ** ", ""},
                                      {"1 + ", ""},
                                      {"x[", "]"},
                                      {"", ".a"},
                                      {"", "[0]"},
                                      {"", "[0](1)"},
                                      {"true || ", ""}})
    EXPECT_THAT(expression::compile(repeated(before, "x", after, 10'000), {}).error().message, testing::HasSubstr("500"))
        << before;
  EXPECT_TRUE(expression::compile(repeated("(", "x", ")", 490), {}));
}

TEST(Limits, end_huge_ranges) {
  EXPECT_THAT(evaluate("range(0, 9223372036854775807)"), testing::HasSubstr("steps"));
  EXPECT_THAT(
      render(R"j({"$map":{"$eval":"range(0,3000)"},"each(x)":{"$map":{"$eval":"range(0,3000)"},"each(y)":{"$eval":"x*y"}}})j"),
      testing::HasSubstr("steps"));
}

TEST(Limits, end_texts_that_double) {
  EXPECT_THAT(render(R"j({"$reduce":{"$eval":"range(0,64)"},"initial":"xxxxxxxxxxxxxxxx","each(a,x)":{"$eval":"a+a"}})j"),
              testing::HasSubstr("bytes of memory"));
  EXPECT_THAT(render(R"j({"$reduce":{"$eval":"range(0,100000)"},"initial":"x","each(a,x)":"${a}x"})j"),
              testing::StartsWith("error"));
}

TEST(Limits, end_values_that_double) {
  const std::string grown = R"j({"$reduce":{"$eval":"range(0,60)"},"initial":[1],"each(a,x)":{"$eval":"[a,a]"}})j";
  EXPECT_THAT(render(grown), testing::HasSubstr("larger than"));
  EXPECT_THAT(render(R"({"$flattenDeep":)" + grown + "}"), testing::HasSubstr("steps"));
  EXPECT_THAT(render(R"({"$json":)" + grown + "}"), testing::StartsWith("error"));
  EXPECT_THAT(render(R"({"$let":{"a":)" + grown + R"(,"b":)" + grown + R"(},"in":{"$eval":"a == b"}})"),
              testing::HasSubstr("steps"));
  EXPECT_THAT(render(R"({"$let":{"a":)" + grown + R"j(},"in":{"$eval":"join(a, ',')"}})j"), testing::StartsWith("error"));
  EXPECT_THAT(render(R"j({"$reduce":{"$eval":"range(0,60)"},"initial":{},"each(a,x)":{"l":{"$eval":"a"},"r":{"$eval":"a"}}})j"),
              testing::HasSubstr("larger than"));
}

TEST(Limits, end_values_that_nest) {
  const std::string nested = R"j({"$reduce":{"$eval":"range(0,100000)"},"initial":1,"each(a,x)":{"$eval":"[a]"}})j";
  EXPECT_THAT(render(nested), testing::HasSubstr("nested deeper than 200"));
  EXPECT_THAT(render(R"({"$flattenDeep":)" + nested + "}"), testing::HasSubstr("too deeply"));
  EXPECT_THAT(render(R"({"$let":{"a":)" + nested + R"(,"b":)" + nested + R"(},"in":{"$eval":"a == b"}})"),
              testing::HasSubstr("too deeply"));
  EXPECT_THAT(render(R"({"$let":{"a":)" + nested + R"(},"in":{"$eval":"-a"}})"), testing::HasSubstr("wants a number"));
  const std::string objects = R"j({"$reduce":{"$eval":"range(0,1000)"},"initial":{},"each(a,x)":{"k":{"$eval":"a"}}})j";
  EXPECT_THAT(render(R"({"$mergeDeep":[)" + objects + "," + objects + "]}"), testing::HasSubstr("too deeply"));
}

TEST(Limits, hold_for_json_in_text) {
  const std::string context = R"({"t":")" + std::string(10'000, '[') + R"("})";
  EXPECT_THAT(evaluate("parseJson(t)", context), testing::HasSubstr("nested too deeply"));
  EXPECT_EQ(evaluate("parseJson(t, 0)", context), "0");
}

TEST(Limits, end_searches_that_are_quadratic) {
  std::string numbers;
  for (int at = 0; at < 20'000; ++at) numbers += std::to_string(at) + ",";
  numbers.back() = ']';
  const std::string context = R"({"xs":[)" + numbers + "}";
  EXPECT_THAT(render(R"j({"$map":{"$eval":"xs"},"each(x)":{"$eval":"-x - 1 in xs"}})j", context), testing::HasSubstr("steps"));
  EXPECT_THAT(evaluate("unique(xs)", context), testing::HasSubstr("steps"));
}

TEST(Limits, bound_the_output) {
  EXPECT_THAT(render(R"j({"$map":{"$eval":"range(0,1000)"},"each(x)":"${x}0123456789"})j", "{}", {}, limits{.output = 1000}),
              testing::HasSubstr("1000 bytes"));
  EXPECT_EQ(render(R"("${x}")", R"({"x":"abc"})", {}, limits{.output = 5}), R"("abc")");
  EXPECT_THAT(render(R"("${x}")", R"({"x":"abc"})", {}, limits{.output = 4}), testing::HasSubstr("4 bytes"));
}

TEST(Limits, find_members_of_large_objects_soon) {
  // A hundred thousand names, each looked up while they are put together.
  std::string members;
  for (int at = 0; at < 100'000; ++at) members += fmt::format("\"k{}\":{},", at, at);
  members.back() = '}';
  const std::string context = R"({"m":{)" + members + "}";
  EXPECT_EQ(evaluate("len(keys(m)) + m.k99999", context), "199999");
  EXPECT_EQ(render(R"({"$merge":[{"$eval":"m"},{"$eval":"m"}]})", context).size(), members.size() + 1);
}

} // namespace
} // namespace tocsin::json_e::test
