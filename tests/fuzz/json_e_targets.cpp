#include "fuzz/json_e_targets.hpp"

#include "transform/json_e/expression.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/template.hpp"
#include "transform/json_e/unicode.hpp"
#include "transform/json_e/writer.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <cstdio>
#include <cstdlib>

namespace tocsin::fuzz {
namespace {

namespace json = boost::json;
using namespace json_e;

// Small, so that the fuzzer spends its time on many inputs and reaches the limits.
constexpr limits bounds = {
    .template_depth = 40, .expression_depth = 60, .value_depth = 40, .steps = 20'000, .memory = 1 << 20, .output = 1 << 18};

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// By what would be written; marked numbers, which nothing writes, are enough alike if both sides have one.
bool same(const json::value& left, const json::value& right) {
  std::string a, b;
  const limits wide{.value_depth = 4000};
  const bool written = append_json(a, value::of(left), wide).has_value();
  return append_json(b, value::of(right), wide).has_value() == written && (!written || a == b);
}

// Whether JSON could hold it as a string.
bool is_utf8(std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  json::monotonic_resource storage;
  return json_e::json_reader().read(quoted, json::storage_ptr(&storage)).has_value();
}

void check(const compile_error& error) {
  must(!error.message.empty() && !error.to_string().empty(), "a compile error says something");
  must(error.column <= unicode::length(error.expression) + 1, "the column lies in the expression");
}

void render_both_ways(const json::value& source, const json::value& context) {
  static const auto known = vocabulary::event({"a", "b", "t"});
  const auto made = template_document::compile(source, known, bounds);
  const auto faults = template_document::faults(source, known, bounds);
  must(faults.empty() == made.has_value(), "what compiles has no faults, and the other way about");
  for (const auto& fault : faults) check(fault);
  if (!made) return must(faults.front().to_string() == made.error().to_string(), "the first fault is compile()'s");
  const json::value* reserved[] = {&context, &context, &context};
  const environment names{context.if_object(), reserved, {}};
  scratch memory(bounds);
  std::string text = "before";
  const auto written = made->render_to(names, memory, text);
  memory.reset();
  json::monotonic_resource storage;
  const auto rendered = made->render(names, memory, json::storage_ptr(&storage));
  if (!written) {
    must(!written.error().message.empty() && text == "before", "a failure says why and leaves the text as it was");
    return;
  }
  if (!rendered) return; // a value has no limit that the text has not, but for depth, which it counts from the template's root
  json_e::json_reader reader(400);
  const auto again = reader.read(std::string_view(text).substr(6), json::storage_ptr(&storage));
  must(again.has_value(), "what is written is JSON");
  must(same(*again, *rendered), "render() and render_to() agree");
}

} // namespace

void json_e_expression(std::string_view input) {
  if (!is_utf8(input)) return; // an expression comes out of JSON, which is UTF-8
  static const auto known = vocabulary::event({"a", "b", "t"});
  const auto made = expression::compile(input, known, bounds);
  if (!made) return check(made.error());
  static const json::value context = json::parse(R"({"a":[1,2.5,"x",null],"b":{"c":"text","d":-3},"n":7,"s":"警报 x","t":true})");
  const json::value* reserved[] = {&context, &context, &context};
  scratch memory(bounds);
  const auto result = made->evaluate({&context.get_object(), reserved, {}}, memory);
  must(result.has_value() || !result.error().message.empty(), "a failure says why");
}

void json_e_template(std::string_view input) {
  json::monotonic_resource storage;
  const auto source = json_e::json_reader(100).read(input, json::storage_ptr(&storage));
  static const json::value context = json::parse(R"({"a":[1,2.5,"x",null],"b":{"c":"text","d":-3},"n":7,"s":"警报 x","t":true})");
  if (source) render_both_ways(*source, context);
}

void json_e_evaluation(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return;
  json::monotonic_resource storage;
  json_e::json_reader reader(40);
  const auto context = reader.read(input.substr(0, line), json::storage_ptr(&storage));
  const auto source = reader.read(input.substr(line + 1), json::storage_ptr(&storage));
  if (context && source) render_both_ways(*source, *context);
}

void json_reader(std::string_view input) {
  json::monotonic_resource storage;
  const auto read = json_e::json_reader(32).read(input, json::storage_ptr(&storage));
  boost::system::error_code error;
  const auto other = json::parse(json::string_view(input.data(), input.size()), error, json::storage_ptr(&storage));
  must(read.has_value() == !error, "Boost.JSON agrees on what is JSON");
  if (!read) return;
  std::string text;
  if (!append_json(text, value::of(*read))) return; // marked numbers
  const auto again = json_e::json_reader(32).read(text, json::storage_ptr(&storage));
  must(again && same(*read, *again), "what is written reads back as the same");
}

} // namespace tocsin::fuzz
