// What the conformance cases leave open, and what design says of events.
#include "harness.hpp"

namespace tocsin::json_e::test {
namespace {

TEST(Rendering, writes_constants_members_and_left_out_members_in_the_templates_order) {
  EXPECT_EQ(render(R"({"a":1,"b":{"$eval":"x"},"c":{"$if":"x == 2","then":3},"d":[],"e":{"$if":"x == 1","then":"${x}!"}})",
                   R"({"x":1})"),
            R"({"a":1,"b":1,"d":[],"e":"1!"})");
  EXPECT_EQ(render(R"({"a":{"$if":"x"},"b":{"$if":"x"}})", R"({"x":1})"), "{}");
  EXPECT_EQ(render(R"([{"$if":"x"},{"$eval":"x"},{"$if":"x"}])", R"({"x":1})"), "[1]");
  EXPECT_EQ(render(R"([{"$if":"x"}])", R"({"x":1})"), "[]");
  EXPECT_EQ(render(R"({"$if":"x"})", R"({"x":1})"), "null");
}

TEST(Rendering, merges_names_that_turn_out_the_same_into_the_last_value) {
  EXPECT_EQ(render(R"({"${x}":1,"b":2,"${y}":3})", R"({"x":"a","y":"a"})"), R"({"a":3,"b":2})");
  EXPECT_EQ(render(R"({"${x}":1,"a":{"$if":"false"}})", R"({"x":"a"})"), R"({"a":1})");
}

TEST(Rendering, keeps_the_first_place_and_the_last_value_when_it_merges) {
  EXPECT_EQ(render(R"({"$merge":[{"w":{"$eval":"w"},"a":1},{"$eval":"o"}]})", R"({"w":"x","o":{"b":2,"w":"own"}})"),
            R"({"w":"own","a":1,"b":2})");
}

TEST(Rendering, never_renders_event_data_as_a_template) {
  EXPECT_EQ(evaluate("x", R"({"x":{"$eval":"1 + 1","t":"${y}"}})"), R"({"$eval":"1 + 1","t":"${y}"})");
  EXPECT_EQ(render(R"j({"$find":{"$eval":"xs"},"each(x)":"true"})j", R"({"xs":[{"$eval":"1/0"}]})"), R"({"$eval":"1/0"})");
  EXPECT_EQ(render(R"("${x}")", R"({"x":"${y}"})"), R"("${y}")");
}

TEST(Rendering, looks_past_a_member_that_is_no_function_when_it_calls) {
  EXPECT_EQ(evaluate("floor(floor)", R"({"floor":1.5})"), "1");
  EXPECT_EQ(evaluate("parseJson('[1]')", R"({"parseJson":3})"), "[1]");
  EXPECT_EQ(render(R"j({"$let":{"floor":3},"in":{"$eval":"floor(1.5)"}})j"),
            "error: /in: floor cannot be called: it is number 3");
}

TEST(Rendering, lets_reserved_names_win_over_members) {
  const auto names = vocabulary::event();
  EXPECT_EQ(evaluate("event['kafka'] + event.event", R"({"event":1,"kafka":2})", names), "3");
  EXPECT_EQ(evaluate("kafka", R"({"kafka":2})", names), "error: kafka is not defined here");
  EXPECT_EQ(render(R"({"$let":{"event":5},"in":{"$eval":"event"}})", "{}", names), "5");
  EXPECT_EQ(evaluate("defined('kafka')", R"({})", names), "false");
  EXPECT_EQ(evaluate("defined('event')", R"({})", names), "true");
}

TEST(Rendering, reaches_members_that_are_no_identifiers_through_event) {
  EXPECT_EQ(evaluate("event['a b']", R"({"a b":1})", vocabulary::event()), "1");
}

TEST(Rendering, knows_our_own_functions_only_where_they_are_called) {
  EXPECT_EQ(evaluate("sha256", R"({"sha256":1})"), "1");
  EXPECT_EQ(evaluate("sha256"), "error: sha256 is not defined: there is no such member");
  EXPECT_EQ(evaluate("defined('sha256')"), "false");
  EXPECT_EQ(evaluate("defined('floor')"), "true");
}

TEST(Rendering, refuses_functions_and_left_out_values_in_a_result) {
  EXPECT_EQ(evaluate("[1, min]"), "error: the result contains a function that is not called");
  EXPECT_EQ(render(R"({"$match":{"true":{"$if":"false","then":1}}})"),
            "error: $match: what `true` gives is left out, and a list of results has no place for that");
}

TEST(Rendering, evaluates_of_two_items_with_one_name_the_last) {
  EXPECT_EQ(evaluate("{a: 1 / 0, b: 2, 'a': 3}"), R"({"a":3,"b":2})");
}

TEST(Rendering, counts_a_bool_as_no_number) {
  EXPECT_EQ(evaluate("true == 1"), "false");
  EXPECT_EQ(evaluate("1 in [true]"), "false");
  EXPECT_EQ(evaluate("[true, {a: [1]}] == [true, {a: [1.0]}]"), "true");
}

TEST(Rendering, joins_elements_as_text) {
  EXPECT_EQ(evaluate("join([1, 2.0, true, null, 'x', [1, null]], '-')"), R"("1-2-true--x-1,")");
}

TEST(Rendering, names_the_missing_member_and_the_place) {
  EXPECT_EQ(render(R"({"a":[0,{"$eval":"df_title"}]})"), "error: /a/1: df_title is not defined: there is no such member");
  EXPECT_EQ(render(R"({"a~/b":"${x.y.z}"})", R"({"x":{"y":{}}})"), R"(error: /a~0~1b: x.y.z: the object has no property "z")");
}

TEST(Rendering, shows_the_type_and_no_more_than_eighty_characters_of_a_value) {
  const std::string long_text(200, 'x');
  const std::string message = evaluate("-x", R"({"x":")" + long_text + R"("})");
  EXPECT_THAT(message, testing::StartsWith("error: -x: unary - wants a number, not string \"xxx"));
  EXPECT_LT(message.size(), 140U);
  EXPECT_THAT(evaluate("-x", R"({"x":[[1,2],{"a":null}]})"), testing::EndsWith(R"(not array [[1,2],{"a":null}])"));
}

TEST(Rendering, refuses_identifiers_that_are_none_where_the_context_must_be_strict) {
  const document origin("1"), context(R"({"a b":1})");
  const auto made = template_document::compile(origin.value(), vocabulary::open());
  scratch memory;
  std::string out;
  environment where{context.value().if_object(), {}, now, member_names::identifiers};
  EXPECT_FALSE(made->render_to(where, memory, out));
  where.names = member_names::any;
  EXPECT_TRUE(made->render_to(where, memory, out));
}

TEST(Rendering, tests_and_texts_expressions) {
  const document context(R"({"status":200,"body":{"code":0},"headers":{"x":"y"}})");
  const environment where{context.value().if_object(), {}, now};
  scratch memory;
  const auto ok = expression::compile("status == 200 && body.code == 0", vocabulary::response());
  EXPECT_TRUE(*ok->test(where, memory));
  EXPECT_TRUE(ok->uses("status"));
  EXPECT_FALSE(ok->uses("headers"));
  EXPECT_EQ(*expression::compile("headers.x + str(status)", vocabulary::response())->text(where, memory), "y200");
  EXPECT_EQ(*expression::compile("body.code / 2.0", vocabulary::response())->text(where, memory), "0");
  EXPECT_FALSE(expression::compile("body", vocabulary::response())->text(where, memory));
}

TEST(Rendering, says_which_reserved_names_are_used) {
  const document origin(R"({"t":{"$eval":"kafka.topic"},"n":"${event['df_title']}"})");
  const auto made = template_document::compile(origin.value(), vocabulary::event());
  EXPECT_TRUE(made->uses("kafka"));
  EXPECT_TRUE(made->uses("topic"));
  EXPECT_TRUE(made->uses("df_title"));
  EXPECT_FALSE(made->uses("headers"));
}

} // namespace
} // namespace tocsin::json_e::test
