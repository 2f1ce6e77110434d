#include "config/scalar.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>

namespace tocsin::config {
namespace {

std::string of(std::string_view text) { return boost::json::serialize(plain_scalar(text)); }

TEST(plain_scalar, follows_the_core_schema_of_yaml_1_2) {
  for (const auto* text : {"", "~", "null", "Null", "NULL"}) EXPECT_EQ(of(text), "null") << text;
  for (const auto* text : {"true", "True", "TRUE"}) EXPECT_EQ(of(text), "true") << text;
  for (const auto* text : {"false", "False", "FALSE"}) EXPECT_EQ(of(text), "false") << text;
  EXPECT_EQ(of("0"), "0");
  EXPECT_EQ(of("-12"), "-12");
  EXPECT_EQ(of("+12"), "12");
  EXPECT_EQ(of("007"), "7");
  EXPECT_EQ(of("0x1F"), "31");
  EXPECT_EQ(of("0o17"), "15");
  EXPECT_EQ(of("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(plain_scalar("1.5e3"), 1500.0);
  EXPECT_EQ(plain_scalar(".5"), 0.5);
  EXPECT_EQ(plain_scalar("5."), 5.0);
  EXPECT_EQ(plain_scalar("18446744073709551616"), 18446744073709551616.0);
}

TEST(plain_scalar, takes_everything_else_for_text) {
  for (const auto* text :
       {"yes", "no", "on", "off", "y",   "nULL",  "tRue", "15s",  "1_000", "0b11",       "0x",       "0xg", "0o8", "1e",
        "1e+", ".",  "-",  "+",   "--1", "1.2.3", ".inf", ".nan", "1e400", "2026-11-22", "12:30:45", "=",   "<<"})
    EXPECT_TRUE(plain_scalar(text).is_string()) << text;
}

} // namespace
} // namespace tocsin::config
