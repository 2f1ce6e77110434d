#include "transform/kafka_context.hpp"

#include <gtest/gtest.h>

namespace tocsin::transform {
namespace {

TEST(kafka_context, replaces_whatever_is_no_utf8) {
  EXPECT_EQ(replaced_utf8("磁盘 é 🐲"), "磁盘 é 🐲");
  const std::string_view mark = "\xef\xbf\xbd";
  const auto times = [&](int n) {
    std::string result;
    while (n-- > 0) result += mark;
    return result;
  };
  EXPECT_EQ(replaced_utf8("a\xff"
                          "b"),
            "a" + times(1) + "b");
  EXPECT_EQ(replaced_utf8("\xc0\xaf"), times(2));         // overlong
  EXPECT_EQ(replaced_utf8("\xe0\x80\x80"), times(3));     // overlong
  EXPECT_EQ(replaced_utf8("\xed\xa0\x80"), times(3));     // half a surrogate pair
  EXPECT_EQ(replaced_utf8("\xf4\x90\x80\x80"), times(4)); // beyond U+10FFFF
  EXPECT_EQ(replaced_utf8("\xe7\xa3"), times(2));         // cut short
  EXPECT_EQ(replaced_utf8(std::string_view("\0", 1)), std::string_view("\0", 1));
}

} // namespace
} // namespace tocsin::transform
