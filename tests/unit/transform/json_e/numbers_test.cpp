// Numbers are exact or refused.
#include "harness.hpp"
#include "transform/json_e/writer.hpp"

namespace tocsin::json_e::test {
namespace {

std::string through(std::string_view number) { return evaluate("n", fmt::format(R"({{"n":{}}})", number)); }

TEST(Numbers, reach_the_body_as_they_came) {
  for (const char* same : {"0", "-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
                           "-9223372036854775808", "0.1", "-0.0", "3.0", "1.5", "0.30000000000000004", "1e-320", "5e-324",
                           "1.7976931348623157e+308", "1e+22", "123456.789"})
    EXPECT_EQ(through(same), same);
  EXPECT_EQ(through("1e308"), "1e+308");
  EXPECT_EQ(through("100000000000000000000.0"), "1e+20");
}

TEST(Numbers, refuse_the_event_where_they_would_reach_the_body_changed) {
  for (const char* inexact :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e400", "-1e400", "1e-400"}) {
    EXPECT_THAT(through(inexact), testing::HasSubstr(inexact));
    EXPECT_THAT(through(inexact), testing::HasSubstr("cannot be passed on exactly"));
    EXPECT_THAT(evaluate("'${n}'", fmt::format(R"({{"n":{}}})", inexact)), R"("${n}")");
    EXPECT_THAT(render(R"("${n}")", fmt::format(R"({{"n":{}}})", inexact)), testing::StartsWith("error"));
    EXPECT_THAT(evaluate("n + 1", fmt::format(R"({{"n":{}}})", inexact)), testing::StartsWith("error"));
    EXPECT_THAT(evaluate("parseJson(t)", fmt::format(R"({{"t":"[{}]"}})", inexact)), testing::StartsWith("error"));
    // One that the body does not use need not.
    EXPECT_EQ(evaluate("m", fmt::format(R"({{"n":{},"m":1}})", inexact)), "1");
  }
}

TEST(Numbers, stand_in_a_template_as_they_were_written) {
  EXPECT_EQ(render(R"({"$sort":[1111111111111111111111,22222222222222222222,3333333,444]})"),
            "[444,3333333,22222222222222222222,1111111111111111111111]");
  EXPECT_EQ(render(R"({"a":1e400,"b":{"$eval":"x"}})", R"({"x":1})"), R"({"a":1e400,"b":1})");
}

TEST(Numbers, compare_by_value_whatever_their_kind) {
  EXPECT_EQ(evaluate("a == 9007199254740992.0", R"({"a":9007199254740993})"), "false");
  EXPECT_EQ(evaluate("a > 9007199254740992.0", R"({"a":9007199254740993})"), "true");
  EXPECT_EQ(evaluate("a > b", R"({"a":18446744073709551615,"b":-1})"), "true");
  EXPECT_EQ(evaluate("a == b", R"({"a":18446744073709551615,"b":18446744073709551616.0})"), "false");
  EXPECT_EQ(evaluate("1 < 1.5 && 2 > 1.5 && 2 == 2.0 && 2.0 == 2"), "true");
  EXPECT_EQ(evaluate("[a > 1.7, b < 0.1, b > 0, -1 < b, a != 3, a == a, b == 0]", R"({"a":1e400,"b":1e-400})"),
            "[true,true,true,true,true,true,false]");
  EXPECT_EQ(evaluate("a > 1.7 && a != 3 && a == a && -1 < a", R"({"a":1e400})"), "true");
  EXPECT_EQ(render(R"({"$sort":[2,1.5,-1,18446744073709551615,1]})"), "[-1,1,1.5,2,18446744073709551615]");
}

TEST(Numbers, are_calculated_exactly_or_not_at_all) {
  EXPECT_EQ(evaluate("a + 1", R"({"a":9223372036854775807})"), "9223372036854775808");
  EXPECT_EQ(evaluate("a + 1", R"({"a":18446744073709551615})"), "error: a + 1: the result is an integer beyond 64 bits");
  EXPECT_EQ(evaluate("-a", R"({"a":-9223372036854775808})"), "9223372036854775808");
  EXPECT_EQ(evaluate("-a", R"({"a":9223372036854775808})"), "-9223372036854775808");
  EXPECT_EQ(evaluate("-a", R"({"a":9223372036854775809})"), "error: -a: the result is an integer beyond 64 bits");
  EXPECT_EQ(evaluate("a * a", R"({"a":4294967296})"), "error: a * a: the result is an integer beyond 64 bits");
  EXPECT_EQ(evaluate("a * a", R"({"a":4294967295})"), "18446744065119617025");
  EXPECT_EQ(evaluate("a - b", R"({"a":-9223372036854775808,"b":1})"), "error: a - b: the result is an integer beyond 64 bits");
  EXPECT_EQ(evaluate("2 ** 63"), "9223372036854775808");
  EXPECT_EQ(evaluate("2 ** 64"), "error: 2 ** 64: the result is an integer beyond 64 bits");
  EXPECT_EQ(evaluate("(-2) ** 63"), "-9223372036854775808");
  EXPECT_EQ(evaluate("1 ** 9999999999"), "1");
  EXPECT_EQ(evaluate("2 ** -1"), "0.5");
  EXPECT_EQ(evaluate("0 ** -1"), "error: 0 ** -1: division by zero");
  EXPECT_EQ(evaluate("(-8) ** 0.5"), "error: -8) ** 0.5: the result is no real number");
  EXPECT_EQ(evaluate("a * 10", R"({"a":1e308})"), "error: a * 10: the result is beyond the largest number");
  EXPECT_EQ(evaluate("a * a", R"({"a":1e-300})"), "error: a * a: the result is too close to zero for a number");
  EXPECT_EQ(evaluate("1 / 0"), "error: 1 / 0: division by zero");
  EXPECT_EQ(evaluate("6 / 3"), "2");
  EXPECT_EQ(evaluate("7 / 2"), "3.5");
  EXPECT_EQ(evaluate("a / 1", R"({"a":9007199254740993})"), "9007199254740993");
  EXPECT_EQ(evaluate("1 / a", R"({"a":9007199254740993})"), "1.1102230246251564e-16");
  EXPECT_EQ(evaluate("[b / a, -1 / 3, a / -2, 1 / b]", R"({"a":9007199254740993,"b":18446744073709551615})"),
            "[2047.9999999999998,-0.3333333333333333,-4503599627370496.0,5.421010862427522e-20]");
}

TEST(Numbers, round_to_integers) {
  EXPECT_EQ(evaluate("floor(date / 1000)", R"({"date":1693034940123})"), "1693034940");
  EXPECT_EQ(evaluate("[floor(-1.5), ceil(-1.5), floor(1.0), ceil(2)]"), "[-2,-1,1,2]");
  EXPECT_EQ(evaluate("floor(a)", R"({"a":1e19})"), "10000000000000000000");
  EXPECT_EQ(evaluate("floor(a)", R"({"a":1e300})"), "1e+300");
  EXPECT_EQ(evaluate("[abs(-3), abs(a)]", R"({"a":-9223372036854775808})"), "[3,9223372036854775808]");
  EXPECT_EQ(evaluate("[sqrt(16), sqrt(2.25)]"), "[4,1.5]");
  EXPECT_THAT(evaluate("sqrt(-1)"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("min(a, b)", R"({"a":9007199254740993,"b":9007199254740992.0})"), "9007199254740992.0");
}

TEST(Numbers, are_text_as_javascript_writes_them) {
  const std::pair<const char*, const char*> cases[] = {
      {"3.0", "3"},
      {"-0.0", "0"},
      {"1e21", "1e+21"},
      {"123456789012345680000.0", "123456789012345680000"},
      {"1e-7", "1e-7"},
      {"0.000001", "0.000001"},
      {"1.5e-9", "1.5e-9"},
      {"-1.25e30", "-1.25e+30"},
      {"0.1", "0.1"},
      {"1e16", "10000000000000000"},
      {"9007199254740993", "9007199254740993"},
  };
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(evaluate("str(n)", fmt::format(R"({{"n":{}}})", number)), fmt::format("\"{}\"", text));
    EXPECT_EQ(render(R"("${n}")", fmt::format(R"({{"n":{}}})", number)), fmt::format("\"{}\"", text));
    EXPECT_EQ(render(R"({"$json":{"$eval":"n"}})", fmt::format(R"({{"n":{}}})", number)), fmt::format("\"{}\"", text));
  }
}

TEST(Numbers, are_read_from_text) {
  EXPECT_EQ(evaluate("number('310') + number(' -1.5 ')"), "308.5");
  EXPECT_EQ(evaluate("number('18446744073709551615')"), "18446744073709551615");
  EXPECT_EQ(evaluate("number('1e3')"), "1000.0");
  for (const char* wrong : {"", "abc", "1 2", "0x10", "inf", "nan", "1_000", "--1", "+-1", "1e400", "18446744073709551616", "."})
    EXPECT_THAT(evaluate(fmt::format("number('{}')", wrong)), testing::StartsWith("error")) << wrong;
}

TEST(Numbers, take_whole_doubles_for_integers) {
  EXPECT_EQ(evaluate("range(0.0, 4, 2.0)"), "[0,2]");
  EXPECT_EQ(evaluate("'abc'[1.0]"), R"("b")");
  EXPECT_THAT(evaluate("range(0, true)"), testing::StartsWith("error"));
  EXPECT_THAT(evaluate("'abc'[0.5]"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("range(5, 0, -2)"), "[5,3,1]");
  EXPECT_EQ(evaluate("len(range(a, b, c))", R"({"a":-9223372036854775807,"b":9223372036854775807,"c":9223372036854775807})"),
            "2");
}

} // namespace
} // namespace tocsin::json_e::test
