#include "config/quantities.hpp"

#include <gtest/gtest.h>

namespace tocsin::config {
namespace {

using namespace std::chrono_literals;

TEST(durations, are_a_whole_number_and_a_unit) {
  EXPECT_EQ(parse_duration("200ms"), 200ms);
  EXPECT_EQ(parse_duration("15s"), 15s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("8760h"), 8760h);
  for (const auto* bad : {"", "15", "15x", "s", "-1s", "+1s", "1.5s", "15 s", " 15s", "15s ", "15S", "8761h",
                          "99999999999999999999s", "18446744073709551615h"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(durations, are_printed_in_the_largest_unit_that_holds_them) {
  for (const auto* text : {"200ms", "15s", "90s", "5m", "1h", "1500ms"}) EXPECT_EQ(print_duration(*parse_duration(text)), text);
  EXPECT_EQ(print_duration(60s), "1m");
  EXPECT_EQ(print_duration(0ms), "0ms");
}

TEST(sizes, are_bytes_with_a_binary_unit) {
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("1MiB"), 1048576U);
  EXPECT_EQ(parse_size("2GiB"), 2147483648U);
  for (const auto* bad : {"", "12", "1MB", "1M", "1mib", "-1KiB", "1.5MiB", "1 MiB", "99999999999GiB"})
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
  for (const auto* text : {"512B", "64KiB", "1MiB", "2GiB", "1025B"}) EXPECT_EQ(print_size(*parse_size(text)), text);
}

TEST(rates, are_a_number_in_a_time) {
  const auto of = [](std::string_view text) {
    const auto rate = parse_rate(text);
    return rate ? std::pair(rate->count, rate->per) : std::pair(0U, 0ms);
  };
  EXPECT_EQ(of("20/min"), std::pair(20U, milliseconds(1min)));
  EXPECT_EQ(of("100/s"), std::pair(100U, milliseconds(1s)));
  EXPECT_EQ(of("500/h"), std::pair(500U, milliseconds(1h)));
  EXPECT_EQ(of("20/10s"), std::pair(20U, milliseconds(10s)));
  for (const auto* bad : {"", "20", "20/", "/s", "0/s", "-1/s", "20/x", "20/0s", "20 / s", "20/day", "4294967296/s"})
    EXPECT_EQ(parse_rate(bad), std::nullopt) << bad;
  for (const auto* text : {"20/min", "100/s", "500/h", "20/10s"}) EXPECT_EQ(print_rate(*parse_rate(text)), text);
  EXPECT_EQ(print_rate({}), "none");
}

TEST(times, are_rfc_3339_with_their_zone) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2026-11-22T08:00:00Z"), 1795334400000);
  EXPECT_EQ(parse_time("2026-11-22T16:00:00+08:00"), 1795334400000);
  EXPECT_EQ(parse_time("2026-11-22t02:30:00.5-05:30"), 1795334400500);
  EXPECT_EQ(parse_time("2026-11-22 08:00:00.1239z"), 1795334400123);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(parse_time("2016-12-31T23:59:60Z"), parse_time("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_time("2024-02-29T00:00:00Z"), 1709164800000);
  for (const auto* bad : {"", "2026-11-22", "2026-11-22T08:00:00", "2026-11-22T08:00Z", "2025-02-29T00:00:00Z",
                          "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z", "2026-11-22T08:00:61Z",
                          "2026-11-22T08:00:00.Z", "2026-11-22T08:00:00+0800", "2026-11-22T08:00:00+24:00",
                          "2026-11-22T08:00:00Zx", "2026-11-22T+8:00:00Z", "26-11-22T08:00:00Z", "2026-11-22T08:00:00+08:00 "})
    EXPECT_EQ(parse_time(bad), std::nullopt) << bad;
}

TEST(times, are_printed_in_utc) {
  EXPECT_EQ(print_time(1795334400000), "2026-11-22T08:00:00Z");
  EXPECT_EQ(print_time(1795334400005), "2026-11-22T08:00:00.005Z");
  EXPECT_EQ(print_time(-1), "1969-12-31T23:59:59.999Z");
}

TEST(listen_addresses, are_an_ip_address_and_a_port) {
  const auto of = [](std::string_view text) {
    const auto address = parse_listen_address(text);
    return address ? std::pair(address->host, int{address->port}) : std::pair(std::string(), -1);
  };
  EXPECT_EQ(of("0.0.0.0:8080"), std::pair(std::string("0.0.0.0"), 8080));
  EXPECT_EQ(of("localhost:0"), std::pair(std::string("localhost"), 0));
  EXPECT_EQ(of("[::1]:8081"), std::pair(std::string("::1"), 8081));
  for (const auto* bad : {"", "8080", ":8080", "a.example:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x",
                          "::1:8081", "[::1]", "[127.0.0.1]:80", "[localhost]:80", "[]:80", "127.0.0.1:80 "})
    EXPECT_EQ(parse_listen_address(bad), std::nullopt) << bad;
  for (const auto* text : {"0.0.0.0:8080", "[::1]:8081", "localhost:1"})
    EXPECT_EQ(print_listen_address(*parse_listen_address(text)), text);
}

TEST(listen_addresses, know_whether_other_machines_reach_them) {
  for (const auto* text : {"127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "localhost:1", "[::ffff:127.0.0.1]:1"})
    EXPECT_TRUE(is_loopback(*parse_listen_address(text))) << text;
  for (const auto* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1", "[fe80::1]:1"})
    EXPECT_FALSE(is_loopback(*parse_listen_address(text))) << text;
}

} // namespace
} // namespace tocsin::config
