// The operators of a template: what each wants in its object.
#include "transform/json_e/compiler.hpp"
#include "transform/json_e/describe.hpp"
#include "transform/json_e/names.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::json_e {
namespace {

std::string_view view(boost::json::string_view text) noexcept { return {text.data(), text.size()}; }

// The names in "each(x, y)": from `least` to `most` identifiers, white space only after a comma. Empty: not of that form.
std::vector<std::string_view> variables_of(std::string_view key, std::string_view word, std::size_t least, std::size_t most) {
  if (!key.starts_with(word) || !key.ends_with(')')) return {};
  std::string_view inner = key.substr(word.size() + 1, key.size() - word.size() - 2);
  std::vector<std::string_view> names;
  for (;;) {
    const std::size_t comma = inner.find(',');
    names.push_back(inner.substr(0, comma));
    if (!is_identifier(names.back())) return {};
    if (comma == std::string_view::npos) break;
    inner.remove_prefix(comma + 1);
    inner.remove_prefix(std::min(inner.find_first_not_of(" \t\r\n\f\v"), inner.size()));
  }
  return names.size() >= least && names.size() <= most ? names : std::vector<std::string_view>{};
}

} // namespace

node* compiler::operator_object(std::string_view name, const object& source, const place& at) {
  if (name == "$eval") {
    check_members(source, {name}, "", at);
    node* made = make(operation::eval, at);
    made->expression = expression(source.at(name), name, at, name);
    return finish(made);
  }
  if (name == "$if") return conditional(source, at);
  if (name == "$match") return conditions(operation::match, name, source, at);
  if (name == "$switch") return conditions(operation::switch_, name, source, at);
  if (name == "$let") return let(source, at);
  if (name == "$map") return iteration(operation::map, name, source, at);
  if (name == "$reduce") return iteration(operation::reduce, name, source, at);
  if (name == "$find") return iteration(operation::find, name, source, at);
  if (name == "$sort") return sort(source, at);
  if (name == "$merge") return with_operand(operation::merge, name, source, at);
  if (name == "$mergeDeep") return with_operand(operation::merge_deep, name, source, at);
  if (name == "$reverse") return with_operand(operation::reverse, name, source, at);
  if (name == "$flatten") return with_operand(operation::flatten, name, source, at);
  if (name == "$flattenDeep") return with_operand(operation::flatten_deep, name, source, at);
  if (name == "$json") return with_operand(operation::json, name, source, at);
  check_members(source, {name, "from"}, "", at);
  node* made = make(operation::from_now, at);
  made->operand = compile(source.at(name), inside(at, name));
  if (const auto* from = source.if_contains("from"))
    made->body = compile(*from, inside(at, "from"));
  else
    shared_.made.used_names.emplace("now");
  return finish(made);
}

node* compiler::with_operand(operation code, std::string_view name, const object& source, const place& at) {
  check_members(source, {name}, "", at);
  node* made = make(code, at);
  made->operand = compile(source.at(name), inside(at, name));
  return finish(made);
}

node* compiler::conditional(const object& source, const place& at) {
  check_members(source, {"$if", "then", "else"}, "", at);
  node* made = make(operation::if_, at);
  made->expression = expression(source.at("$if"), "$if", at, "$if");
  if (const auto* then = source.if_contains("then")) made->body = compile(*then, inside(at, "then"));
  if (const auto* otherwise = source.if_contains("else")) made->otherwise = compile(*otherwise, inside(at, "else"));
  return finish(made);
}

node* compiler::conditions(operation code, std::string_view name, const object& source, const place& at) {
  check_members(source, {name}, "", at);
  const boost::json::value& cases = source.at(name);
  if (!cases.is_object())
    fail(at.pointer, fmt::format("{} wants an object of conditions, not {}", name, describe(value::of(cases))));
  const place here = inside(at, name);
  std::vector<member> members;
  for (const auto& each : cases.get_object()) {
    const std::string_view condition = view(each.key());
    const place branch = inside(here, condition);
    member made;
    made.name = shared_.made.keep(condition);
    if (code == operation::match || condition != "$default")
      made.condition = parser(shared_, at.around, made.name, branch.pointer).parse_all();
    made.item = compile(each.value(), branch);
    members.push_back(made);
  }
  if (code == operation::match) std::ranges::sort(members, {}, &member::name); // the order of the results
  node* made = make(code, at);
  made->members = shared_.made.make_array(members);
  return finish(made);
}

std::vector<std::string_view> compiler::bound_names(const boost::json::value& bindings, bool& any) const {
  std::vector<std::string_view> names;
  for (const auto& each : bindings.get_object()) {
    const std::string_view key = view(each.key());
    if (key.starts_with('$') || key.find("${") != std::string_view::npos)
      any = true;
    else
      names.push_back(shared_.made.keep(key));
  }
  return names;
}

node* compiler::let(const object& source, const place& at) {
  check_members(source, {"$let", "in"}, "", at);
  const boost::json::value& bindings = source.at("$let");
  if (!bindings.is_object())
    fail(at.pointer, fmt::format("$let wants an object of variables, not {}", describe(value::of(bindings))));
  const auto* in = source.if_contains("in");
  if (in == nullptr) fail(at.pointer, "$let has no member `in`: what is to be rendered with the variables");
  node* made = make(operation::let, at);
  made->operand = compile(bindings, inside(at, "$let"));
  binder around{at.around, {}, false};
  around.names = bound_names(bindings, around.any);
  const auto wrong = std::ranges::find_if_not(around.names, is_identifier);
  if (!around.any && wrong != around.names.end())
    fail(inside(inside(at, "$let"), *wrong).pointer,
         fmt::format("\"{}\" is no name for a variable: letters, digits and _, no digit first", shortened(*wrong)));
  place body = inside(at, "in");
  body.around = &around;
  made->body = compile(*in, body);
  finish(made);
  made->foldable = made->body->foldable && made->operand->foldable;
  return made;
}

node* compiler::iteration(operation code, std::string_view name, const object& source, const place& at) {
  const bool reduces = code == operation::reduce;
  if (reduces)
    check_members(source, {name, "initial"}, "each", at);
  else
    check_members(source, {name}, "each", at);
  node* made = make(code, at);
  made->operand = compile(source.at(name), inside(at, name));
  const boost::json::value* body = nullptr;
  std::string_view key;
  for (const auto& each : source) {
    if (!view(each.key()).starts_with("each(")) continue;
    if (body != nullptr) fail(at.pointer, fmt::format("{} has two each(..), where only one may be", name));
    body = &each.value();
    key = view(each.key());
  }
  const std::string_view wanted =
      reduces ? "each(accumulator, value) or each(accumulator, value, index)" : "each(value) or each(value, index)";
  if (body == nullptr) fail(at.pointer, fmt::format("{} has no {}", name, wanted));
  const auto variables = variables_of(key, "each", reduces ? 2 : 1, reduces ? 3 : 2);
  if (variables.empty()) fail(inside(at, key).pointer, fmt::format("`{}` is not of the form {}", shortened(key), wanted));
  if (reduces) {
    const auto* initial = source.if_contains("initial");
    if (initial == nullptr) fail(at.pointer, "$reduce has no member `initial`: the value to start from");
    std::string text;
    if (auto fits = append_json(text, value::of(*initial), shared_.bounds); !fits)
      fail(inside(at, "initial").pointer, fits.error().message);
    made->literal = shared_.made.keep(value::of(*initial));
  }
  binder around{at.around, {}, false};
  for (const std::string_view variable : variables) {
    made->names[made->name_count++] = shared_.made.keep(variable);
    around.names.push_back(made->names[made->name_count - 1]);
  }
  place inner = at;
  inner.around = &around;
  if (code == operation::find) {
    made->expression = expression(*body, key, inner, "each(..) of $find");
  } else {
    inner = inside(at, key);
    inner.around = &around;
    made->body = compile(*body, inner);
  }
  return finish(made);
}

node* compiler::sort(const object& source, const place& at) {
  check_members(source, {"$sort"}, "by", at);
  node* made = make(operation::sort, at);
  made->operand = compile(source.at("$sort"), inside(at, "$sort"));
  for (const auto& each : source) {
    const std::string_view key = view(each.key());
    if (!key.starts_with("by(")) continue;
    if (made->expression != nullptr) fail(at.pointer, "$sort has two by(..), where only one may be");
    const auto variables = variables_of(key, "by", 1, 1);
    if (variables.empty()) fail(inside(at, key).pointer, fmt::format("`{}` is not of the form by(value)", shortened(key)));
    made->names[0] = shared_.made.keep(variables[0]);
    made->name_count = 1;
    const binder around{at.around, {made->names[0]}, false};
    place inner = at;
    inner.around = &around;
    made->expression = expression(each.value(), key, inner, "by(..) of $sort");
  }
  return finish(made);
}

} // namespace tocsin::json_e
