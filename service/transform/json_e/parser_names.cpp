// Names, calls, and what stands in brackets and braces.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/functions.hpp"
#include "transform/json_e/names.hpp"
#include "transform/json_e/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::json_e {
namespace {

// Of our own functions, the one whose name the design reserves as a value, too.
constexpr std::string_view reserved_function = "parseJson";

} // namespace

expr* parser::name(const token& identifier) {
  const std::string_view name = identifier.text;
  expr* made = make(opcode::member, identifier);
  made->name = name;
  const bool may_be_bound = around_ != nullptr && around_->binds(name);
  if (may_be_bound) made->code = opcode::variable;
  shared_.made.used_names.emplace(name);
  const auto& reserved = shared_.names.reserved;
  const auto slot = std::ranges::find(reserved, name);
  const function* known = find_function(name);
  if (known != nullptr && (known->from == origin::json_e || name == reserved_function)) made->callee = known;
  if (slot != reserved.end()) {
    made->code = opcode::reserved;
    made->slot = static_cast<std::uint32_t>(slot - reserved.begin());
  } else if (!may_be_bound && name == reserved_function) {
    made->code = opcode::constant;
    made->literal = value::of(*known);
  } else if (name == "now") {
    made->code = opcode::now;
  } else if (!may_be_bound && made->callee == nullptr && shared_.names.members) {
    const auto& members = *shared_.names.members;
    if (std::ranges::find(members, name) == members.end()) {
      std::vector<std::string_view> candidates(members.begin(), members.end());
      for (const std::string& each : reserved) candidates.push_back(each);
      for (const binder* each = around_; each != nullptr; each = each->outer)
        candidates.insert(candidates.end(), each->names.begin(), each->names.end());
      fail(identifier.start,
           fmt::format("`{}` is not defined{}; there are {}", name, suggestion(name, candidates), fmt::join(candidates, ", ")));
    }
  }
  finish(made, {});
  made->foldable = made->code == opcode::constant;
  return made;
}

expr* parser::call_by_name(const token& name) {
  expr* made = make(opcode::call, name);
  made->name = name.text;
  made->callee = find_function(name.text);
  shared_.made.used_names.emplace(name.text);
  if (name.text == "fromNow") shared_.made.used_names.emplace("now");
  if (around_ != nullptr && around_->binds(name.text)) {
    made->code = opcode::call_name;
  } else if (made->callee == nullptr) {
    const auto& reserved = shared_.names.reserved;
    if (std::ranges::find(reserved, name.text) != reserved.end()) fail(name.start, fmt::format("`{}` is no function", name.text));
    fail(name.start, fmt::format("there is no function `{}`{}", name.text, suggestion(name.text, function_names())));
  }
  return made;
}

expr* parser::call(expr* callee, std::size_t depth) {
  const token open = take();
  std::vector<expr*> arguments;
  if (current_.kind != token_kind::right_parenthesis) {
    arguments.push_back(parse(0, depth + 1));
    while (current_.kind == token_kind::comma) {
      take();
      arguments.push_back(parse(0, depth + 1));
    }
  }
  expect(token_kind::right_parenthesis, "a comma or a closing parenthesis");
  callee->items = shared_.made.make_array(arguments);
  finish(callee, {callee->left});
  callee->foldable = callee->foldable && callee->code == opcode::call;
  if (callee->code == opcode::call) check_call(*callee, open);
  return callee;
}

void parser::check_call(expr& made, const token& at) {
  const function& callee = *made.callee;
  const std::size_t count = made.items.size();
  if (count < callee.least || count > callee.most) {
    const std::string wanted = callee.most == any_number     ? fmt::format("at least {}", callee.least)
                               : callee.least == callee.most ? fmt::format("{}", callee.least)
                                                             : fmt::format("{} to {}", callee.least, callee.most);
    fail(at.start,
         fmt::format("{} takes {} argument{}, not {}: {}", callee.name, wanted,
                     callee.most == 1 || (callee.most == any_number && callee.least == 1) ? "" : "s", count, callee.usage));
  }
  if (callee.pattern != 0) check_pattern(made, at);
}

// Of a reserved name whose members are known: whether this is one of them.
void parser::check_member(const expr& whole, std::string_view name, std::size_t start) const {
  if (whole.code != opcode::reserved || (around_ != nullptr && around_->binds(whole.name))) return;
  const auto found = shared_.names.members_of.find(whole.name);
  if (found == shared_.names.members_of.end() || std::ranges::find(found->second, name) != found->second.end()) return;
  const std::vector<std::string_view> known(found->second.begin(), found->second.end());
  fail(start, fmt::format("`{}` has no `{}`{}; there are {}", whole.name, shortened(name), suggestion(name, known),
                          fmt::join(known, ", ")));
}

// Regular expressions are compiled here, once; one that an event could choose would have to be compiled for each event.
void parser::check_pattern(expr& made, const token& at) {
  const expr& pattern = *made.items[made.callee->pattern - 1U];
  const std::size_t place = pattern.source.empty() ? at.start : static_cast<std::size_t>(pattern.source.data() - source_.data());
  if (pattern.code != opcode::constant || !pattern.literal.is_string())
    fail(place,
         fmt::format("the regular expression of {} must be a string in quotes: {}", made.callee->name, made.callee->usage));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  auto compiled = std::make_unique<const RE2>(
      re2::StringPiece(pattern.literal.as_string().data(), pattern.literal.as_string().size()), options);
  if (!compiled->ok()) fail(place, fmt::format("the regular expression is not one that RE2 knows: {}", compiled->error()));
  made.pattern = compiled.get();
  shared_.made.patterns.push_back(std::move(compiled));
}

expr* parser::list(std::size_t depth) {
  expr* made = make(opcode::array, take());
  std::vector<expr*> items;
  if (current_.kind != token_kind::right_bracket) {
    items.push_back(parse(0, depth));
    while (current_.kind == token_kind::comma) {
      take();
      items.push_back(parse(0, depth));
    }
  }
  expect(token_kind::right_bracket, "a comma or a closing bracket");
  made->items = shared_.made.make_array(items);
  return finish(made, {});
}

expr* parser::object(std::size_t depth) {
  expr* made = make(opcode::object, take());
  std::vector<expr*> items;
  std::vector<std::string_view> names;
  while (current_.kind == token_kind::string || current_.kind == token_kind::identifier) {
    const token key = take();
    const std::string_view name = key.kind == token_kind::string ? key.text.substr(1, key.text.size() - 2) : key.text;
    expect(token_kind::colon, "a colon");
    expr* item = parse(0, depth);
    // Of two items with one name only the last is there: the other is not evaluated.
    const auto known = std::ranges::find(names, name);
    if (known != names.end()) {
      items[static_cast<std::size_t>(known - names.begin())] = item;
    } else {
      names.push_back(name);
      items.push_back(item);
    }
    if (current_.kind == token_kind::right_brace) break;
    expect(token_kind::comma, "a comma or a closing brace");
  }
  expect(token_kind::right_brace, names.empty() ? "a key or a closing brace" : "a closing brace");
  made->items = shared_.made.make_array(items);
  made->names = shared_.made.make_array(names);
  return finish(made, {});
}

expr* parser::brackets(expr* whole, std::size_t depth) {
  expr* made = shared_.made.make<expr>();
  made->code = opcode::index;
  made->left = whole;
  made->source = whole->source;
  take();
  std::vector<expr*> ends(2);
  if (current_.kind != token_kind::colon) ends[0] = parse(0, depth + 1);
  if (current_.kind == token_kind::colon) {
    take();
    made->code = opcode::slice;
  }
  // As in the reference, "[a b]" may follow: the second expression is evaluated, and ignored.
  if (current_.kind != token_kind::right_bracket && (made->code == opcode::slice || starts_expression()))
    ends[1] = parse(0, depth + 1);
  expect(token_kind::right_bracket, "a closing bracket");
  if (made->code == opcode::slice) {
    made->items = shared_.made.make_array(ends);
  } else {
    made->right = ends[0];
    if (whole->code == opcode::reserved && ends[0]->code == opcode::constant && ends[0]->literal.is_string()) {
      shared_.made.used_names.emplace(ends[0]->literal.as_string());
      check_member(*whole, ends[0]->literal.as_string(), static_cast<std::size_t>(ends[0]->source.data() - source_.data()));
    }
    if (ends[1] != nullptr) made->items = shared_.made.make_array(std::vector<expr*>{ends[1]});
  }
  return finish(made, {made->left, made->right});
}

} // namespace tocsin::json_e
