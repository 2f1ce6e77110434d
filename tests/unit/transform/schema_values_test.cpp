#include "transform/schema/regex.hpp"
#include "transform/schema/uri.hpp"
#include "transform/schema/values.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <limits>

namespace tocsin::schema::detail {
namespace {

namespace json = boost::json;

json::value number(std::string_view text) {
  json::parse_options options;
  options.numbers = json::number_precision::precise;
  return json::parse(text, {}, options);
}

TEST(schema_values, orders_numbers_exactly_across_kinds) {
  const std::vector<std::string> ascending{"-1e308",
                                           "-9223372036854775808",
                                           "-9007199254740993",
                                           "-9007199254740992.0",
                                           "-1.5",
                                           "-1",
                                           "0",
                                           "5e-324",
                                           "0.1",
                                           "1",
                                           "1.5",
                                           "9007199254740992.0",
                                           "9007199254740993",
                                           "9223372036854775807",
                                           "9223372036854775808.0",
                                           "9223372036854775809",
                                           "18446744073709551615",
                                           "18446744073709551616.0",
                                           "1e308"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare_numbers(number(ascending[i]), number(ascending[j])), i <=> j) << ascending[i] << " and " << ascending[j];
    }
  }
  EXPECT_TRUE(equal(number("1"), number("1.0")));
  EXPECT_TRUE(equal(number("-0.0"), number("0")));
  EXPECT_FALSE(equal(number("9007199254740993"), number("9007199254740992.0")));
}

TEST(schema_values, gives_equal_values_equal_hashes) {
  EXPECT_EQ(hash(json::parse(R"({"a":1,"b":[-0.0]})"), 7), hash(json::parse(R"({"b":[0],"a":1.0})"), 7));
  EXPECT_NE(hash(json::parse(R"(["a",["b"]])"), 7), hash(json::parse(R"([["a"],"b"])"), 7));
}

TEST(schema_values, tells_multiples_by_their_decimal_forms) {
  EXPECT_TRUE(is_multiple(number("0.3"), number("0.1")));
  EXPECT_TRUE(is_multiple(number("1e300"), number("0.001")));
  EXPECT_TRUE(is_multiple(number("18446744073709551615"), number("5")));
  EXPECT_FALSE(is_multiple(number("18446744073709551615"), number("2")));
  EXPECT_FALSE(is_multiple(number("0.35"), number("0.1")));
  EXPECT_TRUE(is_multiple(number("-9223372036854775808"), number("1024")));
}

TEST(schema_values, shows_at_most_eighty_characters) {
  EXPECT_EQ(length(shown(json::value(std::string(500, 'x')))), 81U);
  EXPECT_EQ(in_quotes("磁盘"), "\"磁盘\"");
}

TEST(schema_regex, says_whether_a_pattern_is_wrong_or_only_not_possible) {
  for (const char* pattern : {"(abc", "abc)", "[abc", "a{2", "*a", "a**", "\\", "(?P<n>a)", "\\cé", "a{3,2}", "\\u12", "]"}) {
    const auto translated = to_re2(pattern);
    ASSERT_FALSE(translated) << pattern;
    EXPECT_EQ(translated.error().fault, regex_fault::syntax) << pattern;
  }
  for (const char* pattern : {"(?=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>", "a{1001}"}) {
    const auto translated = to_re2(pattern);
    ASSERT_FALSE(translated) << pattern;
    EXPECT_EQ(translated.error().fault, regex_fault::unsupported) << pattern;
  }
  EXPECT_FALSE(compile_regex("\\p{Klingon}"));
}

TEST(schema_regex, matches_as_ecma_262_does) {
  const auto matches = [](std::string_view pattern, std::string_view text) {
    const auto compiled = compile_regex(pattern);
    EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().message);
    return compiled && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **compiled);
  };
  EXPECT_TRUE(matches("^[\\s]$", "\xc2\xa0"));
  EXPECT_FALSE(matches("^[\\S]$", "\xc2\xa0"));
  EXPECT_TRUE(matches("^[\\S]$", "中"));
  EXPECT_FALSE(matches("^.$", "\r"));
  EXPECT_TRUE(matches("^[^]$", "\n"));
  EXPECT_FALSE(matches("[]", "a"));
  EXPECT_TRUE(matches("^[[:alpha:]\\]$", "p]")); // no POSIX classes: one of "[:alph", then a bracket
  EXPECT_TRUE(matches("^\\u{1F432}\\ud83d\\udc32$", "🐲🐲"));
  EXPECT_TRUE(matches("^(?<year>\\d{4})-\\d{2,}?$", "2026-11"));
  EXPECT_TRUE(matches("^[\\w.+-]+@x\\.y$", "a-b@x.y"));
  EXPECT_TRUE(matches("^\\-\\/\\_\\:$", "-/_:"));
}

TEST(schema_uri, resolves_as_rfc_3986_has_it) {
  const std::string base = "http://a/b/c/d;p?q";
  const std::vector<std::pair<std::string, std::string>> examples{{"g:h", "g:h"},
                                                                  {"g", "http://a/b/c/g"},
                                                                  {"./g", "http://a/b/c/g"},
                                                                  {"g/", "http://a/b/c/g/"},
                                                                  {"/g", "http://a/g"},
                                                                  {"//g", "http://g"},
                                                                  {"?y", "http://a/b/c/d;p?y"},
                                                                  {"g?y", "http://a/b/c/g?y"},
                                                                  {"#s", "http://a/b/c/d;p?q#s"},
                                                                  {"", "http://a/b/c/d;p?q"},
                                                                  {".", "http://a/b/c/"},
                                                                  {"..", "http://a/b/"},
                                                                  {"../g", "http://a/b/g"},
                                                                  {"../..", "http://a/"},
                                                                  {"../../../g", "http://a/g"},
                                                                  {"g;x=1/../y", "http://a/b/c/y"}};
  for (const auto& [reference, target] : examples) EXPECT_EQ(resolve(base, reference), target) << reference;
}

} // namespace
} // namespace tocsin::schema::detail
