#include "push/retry_after.hpp"

#include <gtest/gtest.h>

namespace tocsin::push {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr sys_seconds now = sys_days{2026y / November / 6} + 8h + 49min + 37s; // a Friday

std::optional<milliseconds> parsed(std::string_view value, std::string_view date = {}) {
  return parse_retry_after(value, date, now);
}

TEST(retry_after, in_seconds) {
  EXPECT_EQ(parsed("0"), 0ms);
  EXPECT_EQ(parsed("120"), 120s);
  EXPECT_EQ(parsed(" 120\t"), 120s);
  EXPECT_EQ(parsed("007"), 7s);
}

TEST(retry_after, in_more_seconds_than_anybody_can_mean) {
  EXPECT_EQ(parsed("99999999999999999999999999999999"), hours{24 * 365});
}

TEST(retry_after, as_a_date_in_all_three_forms) {
  EXPECT_EQ(parsed("Fri, 06 Nov 2026 08:50:37 GMT"), 60s);
  EXPECT_EQ(parsed("Friday, 06-Nov-26 08:50:37 GMT"), 60s);
  EXPECT_EQ(parsed("Fri Nov  6 08:50:37 2026"), 60s);
  EXPECT_EQ(parsed("Mon Nov 16 08:49:37 2026"), days{10});
}

TEST(retry_after, as_a_date_that_has_passed) {
  EXPECT_EQ(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), 0ms);
  EXPECT_EQ(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), 0ms) << "two digits are of the past when the future is too far";
}

TEST(retry_after, is_relative_to_the_answers_own_clock) {
  EXPECT_EQ(parsed("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT"), 30s);
  EXPECT_EQ(parsed("Fri, 06 Nov 2026 08:50:37 GMT", "garbage"), 60s);
  EXPECT_EQ(parsed("5", "Sun, 06 Nov 1994 08:49:07 GMT"), 5s) << "seconds need no date";
}

TEST(retry_after, garbage_is_none) {
  for (const char* text :
       {"", " ", "-1", "+1", "1.5", "1e30", "soon", "Fri, 31 Feb 2026 08:50:37 GMT", "Fri, 06 Nov 2026 24:00:00 GMT",
        "Fri, 06 Nov 2026 08:50:37 CET", "Fri, 06 Nov 2026 08:50:37 GMT x", "Fri, 6 Nov 2026 08:50:37 GMT",
        "Fri Nov 6 08:50:37 2026", "Xyz, 06 Nov 2026 08:50:37 GMT", "Friday, 06 Nov 2026 08:50:37 GMT"}) {
    EXPECT_EQ(parsed(text), std::nullopt) << text;
  }
}

TEST(http_date, reads_a_leap_second_and_a_leap_day) {
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now), sys_days{2017y / January / 1});
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", now), sys_days{2024y / February / 29});
  EXPECT_EQ(parse_http_date("Wed, 29 Feb 2023 00:00:00 GMT", now), std::nullopt);
}

} // namespace
} // namespace tocsin::push
