#include "observe/log_line.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <cmath>

namespace tocsin::observe::log {
namespace {

const auto a_time = std::chrono::system_clock::time_point(std::chrono::microseconds(1767323045678901));

std::string rendered(line_style style, std::string_view message, fields f, bool audit = false) {
  return render({a_time, log_level::warning, audit, message, f}, style);
}

boost::json::object parsed(const std::string& text) { return boost::json::parse(text).as_object(); }

// What a JSON reader finds in the field that was given this text.
std::string text_of(const std::string& value) {
  return std::string(parsed(rendered(line_style::json, "m", {{"k", value}})).at("k").as_string());
}

TEST(log_line, is_one_json_object_with_the_fields_in_order) {
  EXPECT_EQ(
      rendered(
          line_style::json, "partition assigned",
          {{"topic", "event"}, {"partition", 3}, {"offset", std::uint64_t{7}}, {"paused", true}, {"lag", std::optional<int>{}}}),
      R"({"time":"2026-01-02T03:04:05.678901Z","level":"warning","message":"partition assigned",)"
      R"("topic":"event","partition":3,"offset":7,"paused":true,"lag":null})"
      "\n");
}

TEST(log_line, is_text_with_quotes_only_where_they_are_needed) {
  EXPECT_EQ(
      rendered(line_style::text, "endpoint is down",
               {{"url", "https://omp.example/a"}, {"error", "timed out"}, {"empty", ""}, {"odd", "a=b"}, {"wait_seconds", 1.5}}),
      "2026-01-02T03:04:05.678Z warning endpoint is down url=https://omp.example/a error=\"timed out\" empty=\"\" odd=\"a=b\" "
      "wait_seconds=1.5\n");
}

TEST(log_line, names_an_audit_record) {
  EXPECT_EQ(parsed(rendered(line_style::json, "pause", {}, true)).at("audit"), true);
  EXPECT_NE(rendered(line_style::text, "pause", {}, true).find(" audit   pause"), std::string::npos);
}

TEST(log_line, never_lets_a_value_start_a_line_or_steer_a_terminal) {
  for (const auto style : {line_style::json, line_style::text}) {
    const auto text =
        rendered(style, "a\r\nb", {{"k\n", "x\n{\"level\":\"error\"}\r\x1b[31m\x7f\xC2\x9B"}, {"z", std::string_view("\0", 1)}});
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    for (const char forbidden : {'\r', '\x1b', '\x7f', '\0'}) EXPECT_EQ(text.find(forbidden), std::string::npos);
    EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos);
  }
  EXPECT_EQ(parsed(rendered(line_style::json, "m", {{"k", "\x1b\n\t\"\\"}})).at("k"), "\x1b\n\t\"\\");
}

TEST(log_line, replaces_bytes_that_are_no_utf8) {
  for (const auto* bad : {"\xFF", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xF0\x9F\x98"}) {
    const auto text = rendered(line_style::json, "m", {{"k", bad}});
    EXPECT_NE(std::string(parsed(text).at("k").as_string()).find("\xEF\xBF\xBD"), std::string::npos) << text;
  }
  EXPECT_EQ(parsed(rendered(line_style::json, "m", {{"k", "告警 😀"}})).at("k"), "告警 😀");
}

TEST(log_line, cuts_long_text_at_a_character) {
  const std::string long_text = std::string(999, 'x') + "告" + std::string(100, 'y');
  EXPECT_EQ(text_of(long_text), std::string(999, 'x') + "…");
  EXPECT_EQ(text_of(std::string(1000, 'x')), std::string(1000, 'x'));
}

TEST(log_line, stays_short_however_many_fields_there_are) {
  const std::string value(1000, '\x01');
  const auto text = rendered(line_style::json, "m", {{"a", value}, {"b", value}, {"c", value}, {"d", value}, {"e", value}});
  EXPECT_LE(text.size(), 16U * 1024);
  EXPECT_EQ(parsed(text).at("truncated"), true);
}

TEST(log_line, writes_numbers_that_json_lacks_as_text) {
  EXPECT_EQ(parsed(rendered(line_style::json, "m", {{"k", std::nan("")}})).at("k"), "nan");
  EXPECT_EQ(parsed(rendered(line_style::json, "m", {{"k", -HUGE_VAL}})).at("k"), "-inf");
}

} // namespace
} // namespace tocsin::observe::log
