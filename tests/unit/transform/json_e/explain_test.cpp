#include "harness.hpp"
#include "transform/json_e/describe.hpp"

namespace tocsin::json_e::test {
namespace {

TEST(Explain, tells_each_nodes_pointer_and_value) {
  const document origin(
      R"j({"a":{"$if":"x > 1","then":"${x}!"},"b":[{"$if":"x > 5","then":1}],"c":{"$map":[1,2],"each(y)":{"$eval":"y*x"}}})j");
  const document context(R"({"x":2})");
  const auto made = template_document::compile(origin.value(), vocabulary::open());
  scratch memory;
  std::string told;
  const template_document::explain_hook hook = [&](std::string_view pointer, const value& result) {
    told += fmt::format("{} {}\n", pointer, describe(result));
  };
  const environment where{context.value().if_object(), {}, now};
  const auto result = made->render(where, memory, hook);
  EXPECT_EQ(boost::json::serialize(*result), R"({"a":"2!","b":[],"c":[2,4]})");
  EXPECT_EQ(told, "/a/then string \"2!\"\n"
                  "/a string \"2!\"\n"
                  "/b/0 nothing\n"
                  "/b array []\n"
                  "/c/$map array [1,2]\n"
                  "/c/each(y) number 2\n"
                  "/c/each(y) number 4\n"
                  "/c array [2,4]\n"
                  " object {\"a\":\"2!\",\"b\":[],\"c\":[2,4]}\n");
}

} // namespace
} // namespace tocsin::json_e::test
