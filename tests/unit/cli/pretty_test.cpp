#include "cli/pretty.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace tocsin::cli {
namespace {

TEST(pretty, puts_each_member_and_element_on_a_line) {
  EXPECT_EQ(pretty(boost::json::parse(R"({"a":1,"b":{"c":[true,"x\ny"],"d":[],"e":{}}})")), R"({
  "a": 1,
  "b": {
    "c": [
      true,
      "x\ny"
    ],
    "d": [],
    "e": {}
  }
}
)");
}

} // namespace
} // namespace tocsin::cli
