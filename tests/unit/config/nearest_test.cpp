#include "config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tocsin::config {
namespace {

constexpr std::array<std::string_view, 4> known = {"timeout", "connect_timeout", "rate", "url"};

TEST(nearest, finds_the_name_that_was_meant) {
  EXPECT_EQ(nearest("timeuot", known), "timeout");
  EXPECT_EQ(nearest("Timeout", known), "timeout");
  EXPECT_EQ(nearest("time-out", known), "timeout");
  EXPECT_EQ(nearest("connecttimeout", known), "connect_timeout");
  EXPECT_EQ(nearest("connect-timeout", known), "connect_timeout");
  EXPECT_EQ(nearest("rat", known), "rate");
  EXPECT_EQ(nearest("urls", known), "url");
}

TEST(nearest, does_not_guess) {
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("frobnicate", known), "");
  EXPECT_EQ(nearest("ab", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 't'), known), "");
}

TEST(nearest, otherwise_lists_what_is_known) {
  EXPECT_EQ(known_names("timeot", known), "did you mean \"timeout\"?");
  EXPECT_EQ(known_names("frobnicate", known), "known here: timeout, connect_timeout, rate, url");
}

} // namespace
} // namespace tocsin::config
