// Our own functions.
#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

TEST(ParseJson, reads_text_takes_the_default_or_refuses) {
  EXPECT_EQ(evaluate("parseJson(t)", R"({"t":"{\"a\":[1,0.5,\"\\u8b66\"]}"})"), R"({"a":[1,0.5,"警"]})");
  for (const char* none : {R"("")", R"("{")", R"("{\"a\":1}x")", "null", "7", "[]"}) {
    const std::string context = fmt::format(R"({{"t":{}}})", none);
    EXPECT_EQ(evaluate("parseJson(t, {})", context), "{}") << none;
    EXPECT_THAT(evaluate("parseJson(t)", context), testing::StartsWith("error")) << none;
  }
}

TEST(ParseJson, merges_parsed_tags_and_refuses_tags_that_are_no_object) {
  const char* mapping = R"j({"$merge":[{"w":{"$eval":"w"}},{"$eval":"parseJson(event['tags'], {})"}]})j";
  EXPECT_EQ(render(mapping, R"({"w":"x","tags":"{\"host\":\"a\"}"})", vocabulary::event()), R"({"w":"x","host":"a"})");
  EXPECT_EQ(render(mapping, R"({"w":"x"})", vocabulary::event()), R"({"w":"x"})");
  for (const char* tags : {"1", "null", "true", "\\\"s\\\""})
    EXPECT_THAT(render(mapping, fmt::format(R"({{"w":"x","tags":"{}"}})", tags), vocabulary::event()),
                testing::HasSubstr("array of objects"))
        << tags;
}

TEST(Additions, take_what_is_there) {
  EXPECT_EQ(evaluate("[coalesce(null, 0, 1), coalesce(null), default('', 'x'), default(null, 1), default(0, 1)]"),
            R"([0,null,"x",1,0])");
  EXPECT_EQ(evaluate("[get(o, 'a.b'), get(o, ['a','c',1]), get(o, 'a.x', 'd'), get(o, 'n', 1), get(o, ['a.b'])]",
                     R"({"o":{"a":{"b":1,"c":[2,3]},"n":null}})"),
            R"([1,3,"d",1,null])");
  EXPECT_EQ(evaluate("[keys(o), values(o), unique([1, 1.0, 'a', 'a', [1], [1]])]", R"({"o":{"b":1,"a":2}})"),
            R"([["b","a"],[1,2],[1,"a",[1]]])");
}

TEST(Additions, look_up_in_tables) {
  vocabulary names = vocabulary::event();
  names.reserved.emplace_back("tables");
  const document origin(R"j({"$eval":"get(tables, ['severity', s], 'info')"})j"), context(R"({"s":"critical"})");
  const document tables(R"({"severity":{"critical":"P1"}})");
  const auto made = template_document::compile(origin.value(), names);
  const boost::json::value* reserved[] = {&context.value(), nullptr, &tables.value()};
  scratch memory;
  std::string out;
  ASSERT_TRUE(made->render_to({context.value().if_object(), reserved, now}, memory, out));
  EXPECT_EQ(out, R"("P1")");
}

TEST(Additions, work_on_text) {
  EXPECT_EQ(evaluate("[startsWith('abc','ab'), endsWith('abc','bc'), startsWith('a','ab')]"), "[true,true,false]");
  EXPECT_EQ(evaluate("[replace('aXbX','X','--'), replace('abc','x','y')]"), R"(["a--b--","abc"])");
  EXPECT_THAT(evaluate("replace('a','','b')"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("[truncate(s, 3), truncate(s, 2, ''), truncate(s, 5), truncate(s, 0)]", R"({"s":"警报警报x"})"),
            R"(["警报…","警报","警报警报x",""])");
  EXPECT_EQ(evaluate("[matches('web001','^web[0-9]+$'), matches('x','y')]"), "[true,false]");
  EXPECT_EQ(evaluate("[extract('id=42;','id=([0-9]+)'), extract('a-b','([a-z])-([a-z])'), extract('x','y'), extract('abc','b')]"),
            R"(["42",["a","b"],null,"b"])");
  EXPECT_EQ(evaluate("replaceMatches('a1b22','[0-9]+','#')"), R"("a#b#")");
  EXPECT_EQ(evaluate("replaceMatches('a1','([a-z])([0-9])', r)", R"({"r":"\\2\\1"})"), R"("1a")");
  EXPECT_THAT(evaluate("replaceMatches('a', 'a', r)", R"({"r":"\\7"})"), testing::StartsWith("error"));
}

TEST(Additions, hash_and_encode) {
  EXPECT_EQ(evaluate("sha256('abc')"), R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")");
  EXPECT_EQ(evaluate("[md5(''), sha1('abc')]"),
            R"(["d41d8cd98f00b204e9800998ecf8427e","a9993e364706816aba3e25717850c26c9cd0d89d"])");
  EXPECT_EQ(evaluate("hmacSha256('key', 'The quick brown fox jumps over the lazy dog')"),
            R"("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")");
  EXPECT_EQ(evaluate("hmacSha256('', '', 'base64')"), R"("thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=")");
  EXPECT_THAT(evaluate("md5('', 'octal')"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("[base64('警报'), base64Decode(base64('警报')), base64Decode('YWI'), base64Decode('_-0')]"),
            "error: base64Decode('_-0'): what the base64 stands for is no text (UTF-8)");
  EXPECT_EQ(evaluate("[base64('警报'), base64Decode(base64('警报')), base64Decode('YWI'), base64('')]"),
            R"(["6K2m5oql","警报","ab",""])");
  EXPECT_THAT(evaluate("base64Decode('a')"), testing::StartsWith("error"));
  EXPECT_THAT(evaluate("base64Decode('a?==')"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("[urlEncode('a b/警~'), urlDecode('a%20b%2F%e8%ad%a6')]"), R"(["a%20b%2F%E8%AD%A6~","a b/警"])");
  EXPECT_THAT(evaluate("urlDecode('%4')"), testing::StartsWith("error"));
}

TEST(Additions, put_time_into_text_and_back) {
  EXPECT_EQ(evaluate("formatTime(1693034940123)"), R"("2023-08-26T07:29:00.123Z")");
  EXPECT_EQ(evaluate("formatTime(1693034940123, '%Y-%m-%d %H:%M:%S.%f %:z', '+08:00')"), R"("2023-08-26 15:29:00.123 +08:00")");
  EXPECT_EQ(evaluate("formatTime(0, '%a %A %b %B %j %I%p %s %F %T %z %%')"),
            R"("Thu Thursday Jan January 001 12AM 0 1970-01-01 00:00:00 +0000 %")");
  EXPECT_EQ(evaluate("formatTime(1500.9)"), R"("1970-01-01T00:00:01.500Z")");
  EXPECT_THAT(evaluate("formatTime(0, '%Q')"), testing::HasSubstr("no %Q"));
  EXPECT_THAT(evaluate("formatTime(0, '%')"), testing::StartsWith("error"));
  EXPECT_THAT(evaluate("formatTime(0, '%F', 'Mars')"), testing::StartsWith("error"));
  EXPECT_THAT(evaluate("formatTime(9223372036854775807)"), testing::StartsWith("error"));
  EXPECT_EQ(evaluate("[parseTime('2023-08-26T07:29:00.123Z'), parseTime('2023-08-26T15:29:00+08:00')]"),
            "[1693034940123,1693034940000]");
  EXPECT_EQ(evaluate("parseTime('26 Aug 2023 15:29:00', '%d %b %Y %H:%M:%S', '+0800')"), "1693034940000");
  EXPECT_EQ(evaluate("[parseTime('1693034940', '%s'), parseTime('2023-08-26 15:29:00.5+08:00', '%F %T.%f%z')]"),
            "[1693034940000,1693034940500]");
  EXPECT_THAT(evaluate("parseTime('2023-02-30T00:00:00Z')"), testing::StartsWith("error"));
  EXPECT_THAT(evaluate("parseTime('x', '%Y')"), testing::StartsWith("error"));
}

TEST(Additions, round_and_divide_with_rest) {
  EXPECT_EQ(evaluate("[round(1.5), round(-1.5), round(2.345, 2), round(7), round(1.0049, 2), mod(7, 3), mod(-7, 3), mod(7, -3)]"),
            "[2,-2,2.35,7,1.0,1,2,-2]");
  EXPECT_THAT(evaluate("mod(1, 0)"), testing::StartsWith("error"));
}

TEST(FromNow, counts_from_now_from_a_variable_or_from_what_is_given) {
  EXPECT_EQ(evaluate("[now, fromNow('1 day'), fromNow('-1h', '2020-01-01T00:00:00Z')]"),
            R"(["2017-01-19T16:27:20.974Z","2017-01-20T16:27:20.974Z","2019-12-31T23:00:00.000Z"])");
  EXPECT_EQ(evaluate("fromNow('')", R"({"now":"2001-01-01T00:00:00.5+01:00"})"), R"("2000-12-31T23:00:00.500Z")");
  for (const char* wrong : {"1", "day", "1 fortnight", "1s 1h", "1h 1h", "99999999 years"})
    EXPECT_THAT(evaluate(fmt::format("fromNow('{}')", wrong)), testing::StartsWith("error")) << wrong;
}

} // namespace
} // namespace tocsin::json_e::test
