#include "transform/json_e/names.hpp"

#include <gtest/gtest.h>

namespace tocsin::json_e::test {
namespace {

TEST(Names, suggest_what_is_near_and_nothing_that_is_far) {
  const std::string_view known[] = {"uppercase", "lowercase", "len"};
  EXPECT_EQ(suggestion("upperCase", known), " (did you mean `uppercase`?)");
  EXPECT_EQ(suggestion("lowrcase", known), " (did you mean `lowercase`?)");
  EXPECT_EQ(suggestion("max", known), "");
  EXPECT_EQ(suggestion("", known), "");
}

TEST(Names, escape_pointers) { EXPECT_EQ(pointer_to("/a", "b/c~d"), "/a/b~1c~0d"); }

TEST(Names, know_identifiers) {
  EXPECT_TRUE(is_identifier("_a9"));
  for (const char* none : {"", "9a", "a-b", "é", "a b"}) EXPECT_FALSE(is_identifier(none)) << none;
}

} // namespace
} // namespace tocsin::json_e::test
