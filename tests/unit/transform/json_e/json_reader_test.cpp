#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

class JsonReader : public testing::Test {
protected:
  std::string read(std::string_view text) {
    auto done = reader_.read(text, boost::json::storage_ptr(&memory_));
    return done ? boost::json::serialize(*done) : "error: " + done.error().message;
  }
  boost::json::monotonic_resource memory_;
  json_reader reader_{3};
};

TEST_F(JsonReader, reads_values_one_after_the_other) {
  EXPECT_EQ(read(R"( {"a":[1,"x",null,true]} )"), R"({"a":[1,"x",null,true]})");
  EXPECT_EQ(read("\"\\ud83d\\ude00\""), "\"😀\"");
  EXPECT_EQ(read(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
}

TEST_F(JsonReader, refuses_what_is_not_one_json_value) {
  EXPECT_EQ(read(""), "error: the text is empty");
  EXPECT_EQ(read(" \n"), "error: the text is empty");
  EXPECT_EQ(read("1 2"), "error: there is more after the JSON value");
  EXPECT_EQ(read("{\"a\":"), "error: the text ends before the JSON value does");
  for (const char* wrong : {"NaN", "Infinity", "-Infinity", "nul", "{'a':1}", "[1,]", "01", "+1", "1.", "\"\n\"", "/**/1"})
    EXPECT_THAT(read(wrong), testing::StartsWith("error")) << wrong;
  EXPECT_EQ(read("1"), "1") << "and reads on";
}

TEST_F(JsonReader, refuses_what_is_not_utf8_and_half_pairs) {
  EXPECT_THAT(read("\"\xff\""), testing::StartsWith("error"));
  EXPECT_THAT(read("\"\xed\xa0\x80\""), testing::StartsWith("error"));
  EXPECT_THAT(read("\"\xc0\xaf\""), testing::StartsWith("error"));
  for (const char* half : {R"("\ud800")", R"("\ud800x")", R"("\udc00")", R"("\ud800A")"})
    EXPECT_THAT(read(half), testing::StartsWith("error")) << half;
}

TEST_F(JsonReader, lets_the_deepest_level_pass_and_no_deeper) {
  EXPECT_EQ(read("[[[]]]"), "[[[]]]");
  EXPECT_EQ(read("[[{\"a\":1}]]"), "[[{\"a\":1}]]");
  EXPECT_EQ(read("[[[[]]]]"), "error: arrays and objects are nested too deeply");
  EXPECT_TRUE(reader_.read("[[[[]]]]", boost::json::storage_ptr(&memory_), 4));
  EXPECT_THAT(read(std::string(100'000, '[')), testing::StartsWith("error"));
}

TEST_F(JsonReader, marks_numbers_that_nothing_can_hold) {
  const std::tuple<const char*, out_of_range, double> cases[] = {
      {"18446744073709551616", out_of_range::integer, 18446744073709551616.0},
      {"-9223372036854775809", out_of_range::integer, -9223372036854775808.0},
      {"1e309", out_of_range::overflow, HUGE_VAL},
      {"-1.5e400", out_of_range::overflow, -HUGE_VAL},
      {"1e-400", out_of_range::underflow, 0.0},
      {"0.0", out_of_range::no, 0.0},
      {"0e5", out_of_range::no, 0.0},
      {"1e308", out_of_range::no, 1e308},
  };
  for (const auto& [text, range, about] : cases) {
    const auto done = reader_.read(text, boost::json::storage_ptr(&memory_));
    ASSERT_TRUE(done) << text;
    EXPECT_EQ(range_of(*done), range) << text;
    if (range == out_of_range::no) continue;
    EXPECT_EQ(marked_text(done->get_double()), text);
    EXPECT_EQ(nearest(done->get_double()), about);
  }
}

TEST_F(JsonReader, rounds_decimals_correctly) {
  for (const double number :
       {0.1, 1.7976931348623157e308, 5e-324, 123456789.123456789, 0.30000000000000004, 2.2250738585072014e-308})
    EXPECT_EQ(reader_.read(fmt::format("{:.17g}", number), boost::json::storage_ptr(&memory_))->get_double(), number);
}

TEST_F(JsonReader, refuses_what_needs_more_memory_than_there_is) {
  arena small(1024, 512);
  EXPECT_FALSE(reader_.read("\"" + std::string(4000, 'x') + "\"", boost::json::storage_ptr(&small)));
  EXPECT_TRUE(reader_.read("[1]", boost::json::storage_ptr(&small)));
}

} // namespace
} // namespace tocsin::json_e::test
