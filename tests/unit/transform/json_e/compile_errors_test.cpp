// Whoever writes a mapping reads these.
#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

compile_error fault(std::string_view source, const vocabulary& names = vocabulary::event()) {
  const document origin(source);
  auto made = template_document::compile(origin.value(), names);
  return made ? compile_error{"", "", 0, "it compiles"} : made.error();
}

compile_error expression_fault(std::string_view source, const vocabulary& names = vocabulary::event()) {
  auto made = expression::compile(source, names);
  return made ? compile_error{"", "", 0, "it compiles"} : made.error();
}

TEST(CompileErrors, show_the_expression_with_a_caret) {
  EXPECT_EQ(fault(R"({"a":{"b":[0,{"$eval":"1 + * 2"}]}})").to_string(), "/a/b/1/$eval: a value was expected, not `*`\n"
                                                                         "  1 + * 2\n"
                                                                         "      ^");
}

TEST(CompileErrors, count_columns_in_characters) {
  const auto error = fault(R"({"t":"警报 ${lower(x)} 完"})");
  EXPECT_EQ(error.pointer, "/t");
  EXPECT_EQ(error.expression, "警报 ${lower(x)} 完");
  EXPECT_EQ(error.column, 6U);
}

TEST(CompileErrors, suggest_the_nearest_function) {
  EXPECT_EQ(expression_fault("lowercas(x)").message, "there is no function `lowercas` (did you mean `lowercase`?)");
  EXPECT_EQ(expression_fault("parsejson(x)").message, "there is no function `parsejson` (did you mean `parseJson`?)");
  EXPECT_EQ(expression_fault("quuxify(x)").message, "there is no function `quuxify`");
  EXPECT_EQ(expression_fault("kafka(x)").message, "`kafka` is no function");
}

TEST(CompileErrors, suggest_the_nearest_name_where_the_names_are_known) {
  const auto error = expression_fault("statsu == 200", vocabulary::response());
  EXPECT_EQ(error.message, "`statsu` is not defined (did you mean `status`?); there are status, headers, body");
  EXPECT_EQ(error.column, 1U);
  EXPECT_EQ(expression_fault("status == 200", vocabulary::response()).message, "it compiles");
}

TEST(CompileErrors, suggest_the_nearest_member_where_the_members_are_known) {
  const auto names = vocabulary::event({"severity", "teams"});
  const auto error = expression_fault("x + tables.severty[y]", names);
  EXPECT_EQ(error.message, "`tables` has no `severty` (did you mean `severity`?); there are severity, teams");
  EXPECT_EQ(error.column, 12U);
  EXPECT_EQ(expression_fault("tables[ 'team'].x", names).message,
            "`tables` has no `team` (did you mean `teams`?); there are severity, teams");
  EXPECT_EQ(expression_fault("tables[ 'team'].x", names).column, 9U);
  for (const char* good : {"tables.severity", "tables['teams']", "tables[x]", "x.tables.y", "event.tables.y", "kafka.tables",
                           "get(tables, 'severty')"})
    EXPECT_EQ(expression_fault(good, names).message, "it compiles") << good;
  EXPECT_EQ(fault(R"({"$let":{"tables":{"a":1}},"in":{"$eval":"tables.a"}})", names).message, "it compiles");
  EXPECT_EQ(expression_fault("tables.severty").message, "it compiles") << "no tables: a member of the event";
}

TEST(CompileErrors, suggest_the_nearest_operator_and_say_how_to_escape) {
  EXPECT_EQ(fault(R"({"x":{"$evl":"1"}})").to_string(),
            "/x/$evl: $evl is no operator (did you mean `$eval`?); for a member of that name write $$evl");
  EXPECT_EQ(fault(R"({"$if":"true","than":1})").message,
            "$if has no member `than` (did you mean `then`?); beside $if there may be then, else");
  EXPECT_EQ(fault(R"({"$map":[],"each(x":1})").message.substr(0, 30), "`each(x` is not of the form ea");
  EXPECT_EQ(fault(R"({"$eval":"1","$if":"1"})").message, "$eval and $if stand in one object, where only one operator may");
}

TEST(CompileErrors, say_what_a_function_takes) {
  EXPECT_EQ(expression_fault("split('a')").message, "split takes 2 arguments, not 1: split(string, separator)");
  EXPECT_EQ(expression_fault("len()").message, "len takes 1 argument, not 0: len(string or array)");
  EXPECT_EQ(expression_fault("range(1)").message, "range takes 2 to 3 arguments, not 1: range(start, end[, step])");
  EXPECT_THAT(expression_fault("matches(x, y)").message, testing::HasSubstr("must be a string in quotes"));
  EXPECT_THAT(expression_fault("matches(x, '(')").message, testing::HasSubstr("RE2"));
  EXPECT_EQ(expression_fault("matches(x, '(')").column, 12U);
}

TEST(CompileErrors, point_at_what_is_unfinished) {
  EXPECT_EQ(expression_fault("'abc").message, "the string that starts with ' has no end");
  EXPECT_EQ(expression_fault("a ? b").message, "`?` means nothing in an expression");
  EXPECT_EQ(expression_fault("(1").message, "a closing parenthesis was expected, not the end");
  EXPECT_EQ(expression_fault("(1").column, 3U);
  EXPECT_EQ(expression_fault("").message, "a value was expected, not the end");
  EXPECT_EQ(expression_fault("99999999999999999999").message, "the number 99999999999999999999 does not fit into 64 bits");
  EXPECT_EQ(fault(R"("${1")").message, "the ${..} has no closing brace");
}

TEST(CompileErrors, hold_in_branches_that_no_event_takes) {
  EXPECT_EQ(fault(R"j({"$if":"false","then":{"$eval":"nofun()"}})j").pointer, "/then/$eval");
}

} // namespace
} // namespace tocsin::json_e::test
