#include "transform/json_e/compiler.hpp"

#include "transform/json_e/describe.hpp"
#include "transform/json_e/names.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin::json_e {
namespace {

struct operator_entry {
  std::string_view name;
  operation code;
};

constexpr std::array<operator_entry, 16> operators = {{
    {"$eval", operation::eval},
    {"$flatten", operation::flatten},
    {"$flattenDeep", operation::flatten_deep},
    {"$fromNow", operation::from_now},
    {"$if", operation::if_},
    {"$json", operation::json},
    {"$let", operation::let},
    {"$map", operation::map},
    {"$reduce", operation::reduce},
    {"$find", operation::find},
    {"$match", operation::match},
    {"$switch", operation::switch_},
    {"$merge", operation::merge},
    {"$mergeDeep", operation::merge_deep},
    {"$reverse", operation::reverse},
    {"$sort", operation::sort},
}};

const operator_entry* operator_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(operators, name, &operator_entry::name);
  return found != operators.end() ? &*found : nullptr;
}

std::string_view view(boost::json::string_view text) noexcept { return {text.data(), text.size()}; }

} // namespace

void compiler::fail(std::string_view pointer, std::string message) const {
  throw compile_failure{{std::string(pointer), "", 0, std::move(message)}};
}

void compiler::collect(compile_failure& failure) const {
  constexpr std::size_t most = 100;
  if (shared_.faults == nullptr || shared_.faults->size() == most) throw;
  shared_.faults->push_back(std::move(failure.error));
}

compiler::place compiler::inside(const place& at, std::string_view key) {
  return {shared_.made.keep(pointer_to(at.pointer, key)), at.around, at.depth + 1};
}

node* compiler::make(operation code, const place& at) {
  node* made = shared_.made.make<node>();
  made->code = code;
  made->pointer = at.pointer;
  return made;
}

node* compiler::finish(node* made) {
  bool foldable = made->code != operation::from_now;
  const auto consider = [&](const auto* each) { foldable = foldable && (each == nullptr || each->foldable); };
  consider(made->expression);
  consider(made->operand);
  consider(made->body);
  consider(made->otherwise);
  for (const node* each : made->items) consider(each);
  for (const part& each : made->parts) consider(each.expression);
  for (const member& each : made->members) {
    consider(each.item);
    consider(each.condition);
    for (const part& piece : each.name_parts) consider(piece.expression);
  }
  made->foldable = foldable;
  return made;
}

node* compiler::compile(const boost::json::value& source) { return compile(source, {"", nullptr, 0}); }

node* compiler::compile(const boost::json::value& source, const place& at) {
  try {
    return compile_sound(source, at);
  } catch (compile_failure& failure) {
    collect(failure);
  }
  return make(operation::constant, at);
}

node* compiler::compile_sound(const boost::json::value& source, const place& at) {
  if (at.depth > shared_.bounds.template_depth)
    fail(shortened(at.pointer), fmt::format("the template is nested deeper than {} levels", shared_.bounds.template_depth));
  switch (source.kind()) {
  case boost::json::kind::string: return text(view(source.get_string()), at);
  case boost::json::kind::array: return array(source.get_array(), at);
  case boost::json::kind::object: break;
  default: {
    node* made = make(operation::constant, at);
    made->literal = shared_.made.keep(value::of(source));
    return finish(made);
  }
  }
  const object& members = source.get_object();
  const operator_entry* found = nullptr;
  for (const auto& each : members) {
    const operator_entry* named = operator_named(view(each.key()));
    if (named == nullptr) continue;
    if (found != nullptr)
      fail(at.pointer, fmt::format("{} and {} stand in one object, where only one operator may", found->name, named->name));
    found = named;
  }
  return found != nullptr ? operator_object(found->name, members, at) : plain_object(members, at);
}

node* compiler::text(std::string_view source, const place& at) {
  const std::vector<part> pieces = parts(shared_.made.keep(source), at);
  if (std::ranges::all_of(pieces, [](const part& each) { return each.expression == nullptr; })) {
    std::string whole;
    for (const part& each : pieces) whole += each.text;
    node* made = make(operation::constant, at);
    made->literal = value::of(shared_.made.keep(whole));
    return finish(made);
  }
  node* made = make(operation::text, at);
  made->parts = shared_.made.make_array(pieces);
  return finish(made);
}

std::vector<part> compiler::parts(std::string_view source, const place& at) {
  std::vector<part> pieces;
  const auto add_text = [&](std::string_view text) {
    if (text.empty()) return;
    std::string escaped;
    append_escaped(escaped, text);
    pieces.push_back({text, shared_.made.keep(escaped), nullptr});
  };
  std::size_t from = 0;
  for (;;) {
    const std::size_t start = source.find("${", from);
    if (start == std::string_view::npos) break;
    if (start > from && source[start - 1] == '$') { // "$${" stands for "${"
      add_text(source.substr(from, start - 1 - from));
      add_text(source.substr(start, 2));
      from = start + 2;
      continue;
    }
    add_text(source.substr(from, start - from));
    pieces.push_back({{}, {}, parser(shared_, at.around, source, at.pointer, start + 2).parse_interpolation(from)});
  }
  add_text(source.substr(from));
  return pieces;
}

node* compiler::array(const boost::json::array& source, const place& at) {
  std::vector<node*> items;
  items.reserve(source.size());
  for (std::size_t index = 0; index < source.size(); ++index)
    items.push_back(compile(source[index], inside(at, std::to_string(index))));
  node* made = make(operation::array, at);
  made->items = shared_.made.make_array(items);
  return finish(made);
}

node* compiler::plain_object(const object& source, const place& at) {
  std::vector<member> members;
  members.reserve(source.size());
  for (const auto& each : source) {
    const std::string_view key = view(each.key());
    const place here = inside(at, key);
    member made;
    try {
      name(made, key, here);
    } catch (compile_failure& failure) {
      collect(failure);
    }
    made.item = compile(each.value(), here);
    members.push_back(made);
  }
  node* made = make(operation::object, at);
  made->members = shared_.made.make_array(members);
  return finish(made);
}

void compiler::name(member& made, std::string_view key, const place& at) {
  if (key.starts_with("$$")) {
    made.name = shared_.made.keep(key.substr(1));
    return;
  }
  if (key.starts_with('$') && is_identifier(key.substr(1))) {
    std::vector<std::string_view> known;
    known.reserve(operators.size());
    for (const operator_entry& named : operators) known.push_back(named.name);
    fail(at.pointer, fmt::format("{} is no operator{}; for a member of that name write ${}", key, suggestion(key, known), key));
  }
  const std::vector<part> pieces = parts(shared_.made.keep(key), at);
  if (std::ranges::any_of(pieces, [](const part& piece) { return piece.expression != nullptr; })) {
    made.name_parts = shared_.made.make_array(pieces);
    return;
  }
  std::string whole;
  for (const part& piece : pieces) whole += piece.text;
  made.name = shared_.made.keep(whole);
}

expr* compiler::expression(const boost::json::value& source, std::string_view key, const place& at, std::string_view wanted) {
  const place here = inside(at, key);
  try {
    if (!source.is_string())
      fail(here.pointer, fmt::format("{} must be an expression in a string, not {}", wanted, describe(value::of(source))));
    return parser(shared_, at.around, shared_.made.keep(view(source.get_string())), here.pointer).parse_all();
  } catch (compile_failure& failure) {
    collect(failure);
  }
  return shared_.made.make<expr>();
}

void compiler::check_members(const object& source, std::initializer_list<std::string_view> allowed, std::string_view variables,
                             const place& at) {
  for (const auto& each : source) {
    const std::string_view key = view(each.key());
    if (std::ranges::find(allowed, key) != allowed.end()) continue;
    if (!variables.empty() && key.starts_with(variables) && key.substr(variables.size()).starts_with('(')) continue;
    std::vector<std::string_view> known(allowed.begin() + 1, allowed.end());
    std::string rest = known.empty() && variables.empty() ? "no other member" : fmt::format("{}", fmt::join(known, ", "));
    if (!variables.empty()) rest += fmt::format("{}{}(..)", known.empty() ? "" : ", ", variables);
    fail(at.pointer, fmt::format("{} has no member `{}`{}; beside {} there may be {}", *allowed.begin(), shortened(key),
                                 suggestion(key, known), *allowed.begin(), rest));
  }
}

} // namespace tocsin::json_e
