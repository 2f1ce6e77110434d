#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

TEST(Unicode, counts_and_cuts_by_code_points) {
  EXPECT_EQ(evaluate("[len(s), s[1], s[-1], s[1:3], s[:-1]]", R"({"s":"a警😀é"})"), R"([4,"警","é","警😀","a警😀"])");
  EXPECT_EQ(evaluate("split(s, '')", R"({"s":"a警😀"})"), R"(["a","警","😀"])");
}

TEST(Unicode, maps_case_beyond_ascii) {
  EXPECT_EQ(evaluate("uppercase(s)", R"({"s":"straße éàü ñ ǆ ﬁ ы"})"), R"("STRASSE ÉÀÜ Ñ Ǆ FI Ы")");
  EXPECT_EQ(evaluate("lowercase(s)", R"({"s":"ÉÀÜ Ñ ЫΑΣ ΣΑ İ Ⱥ"})"), R"("éàü ñ ыας σα i̇ ⱥ")");
  EXPECT_EQ(evaluate("lowercase(s)", R"({"s":"Σ ΑΣ. ΑΣΑ"})"), R"("σ ας. ασα")");
}

TEST(Unicode, strips_all_white_space) { EXPECT_EQ(evaluate("strip(s)", R"({"s":"\u00a0\u3000\ufeff x \u2028\t"})"), R"("x")"); }

TEST(Unicode, escapes_what_json_wants_escaped_and_nothing_else) {
  EXPECT_EQ(evaluate("s", R"({"s":"\u0000\b\f\n\r\t\u001f\"\\\/\u007f\u2028警😀"})"),
            "\"\\u0000\\b\\f\\n\\r\\t\\u001f\\\"\\\\/\x7f\u2028警😀\"");
  EXPECT_EQ(evaluate("s", R"({"s":"12345678\"12345\\678\n"})"), R"("12345678\"12345\\678\n")");
}

TEST(Unicode, orders_texts_by_code_points) {
  EXPECT_EQ(evaluate("a < b", R"({"a":"\uffff","b":"😀"})"), "true");
  EXPECT_EQ(render(R"({"$json":{"$eval":"x"}})", R"({"x":{"😀":1,"\uff5e":2,"a":3}})"), R"("{\"a\":3,\"～\":2,\"😀\":1}")");
}

TEST(Unicode, takes_unicode_space_between_tokens) { EXPECT_EQ(evaluate("1\u00a0+\u30002"), "3"); }

} // namespace
} // namespace tocsin::json_e::test
