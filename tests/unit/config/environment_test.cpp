#include "config/environment.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

namespace tocsin::config {
namespace {

const auto env = variables({{"A", "one"}, {"EMPTY", ""}, {"B_2", "${A}"}});

std::string good(std::string_view text) { return substitute(text, env).value(); }
std::string fault(std::string_view text) { return substitute(text, env).error().message; }

TEST(substitute, replaces_variables_anywhere_in_the_text) {
  EXPECT_EQ(good("${A}"), "one");
  EXPECT_EQ(good("x${A}y${A}z"), "xoneyonez");
  EXPECT_EQ(good("no variable"), "no variable");
  EXPECT_EQ(good("${EMPTY}"), "");
}

TEST(substitute, takes_the_default_where_the_variable_is_unset_or_empty) {
  EXPECT_EQ(good("${A:-two}"), "one");
  EXPECT_EQ(good("${NONE:-two}"), "two");
  EXPECT_EQ(good("${EMPTY:-two}"), "two");
  EXPECT_EQ(good("${NONE:-}"), "");
  EXPECT_EQ(good("${NONE:-http://a:80/:-b}"), "http://a:80/:-b");
}

TEST(substitute, leaves_other_dollars_alone_and_has_an_escape) {
  EXPECT_EQ(good("$A $ $$ 5$"), "$A $ $$ 5$");
  EXPECT_EQ(good("$${A}"), "${A}");
  EXPECT_EQ(good("$${"), "${");
}

TEST(substitute, does_not_look_at_what_it_put_in) { EXPECT_EQ(good("${B_2}"), "${A}"); }

TEST(substitute, names_the_way_out) {
  EXPECT_EQ(fault("${NONE}"), "the environment variable NONE is not set; set it, or give a default: ${NONE:-default}");
  EXPECT_EQ(fault("${1X}"),
            "${1X} does not name an environment variable; write ${NAME} or ${NAME:-default}, or $${ for the text ${");
  EXPECT_EQ(fault("${A-x}"),
            "${A-x} does not name an environment variable; write ${NAME} or ${NAME:-default}, or $${ for the text ${");
  EXPECT_EQ(fault("${A"), "holds a ${ without its }; write ${NAME} for an environment variable, or $${ for the text ${");
}

} // namespace
} // namespace tocsin::config
