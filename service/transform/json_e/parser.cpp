#include "transform/json_e/parser.hpp"

#include "transform/json_e/describe.hpp"
#include "transform/json_e/functions.hpp"
#include "transform/json_e/names.hpp"
#include "transform/json_e/numbers.hpp"
#include "transform/json_e/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace tocsin::json_e {
namespace {

constexpr std::size_t deepest_level = 7; // "**"

std::optional<opcode> operator_of(token_kind kind, std::size_t level) noexcept {
  struct entry {
    token_kind kind;
    std::size_t level;
    opcode code;
  };
  static constexpr std::array<entry, 14> operators = {{
      {token_kind::logical_or, 0, opcode::logical_or},
      {token_kind::logical_and, 1, opcode::logical_and},
      {token_kind::in, 2, opcode::contains},
      {token_kind::equal, 3, opcode::equal},
      {token_kind::unequal, 3, opcode::unequal},
      {token_kind::less, 4, opcode::less},
      {token_kind::greater, 4, opcode::greater},
      {token_kind::less_equal, 4, opcode::less_equal},
      {token_kind::greater_equal, 4, opcode::greater_equal},
      {token_kind::plus, 5, opcode::add},
      {token_kind::minus, 5, opcode::subtract},
      {token_kind::star, 6, opcode::multiply},
      {token_kind::slash, 6, opcode::divide},
      {token_kind::power, deepest_level, opcode::power},
  }};
  for (const entry& each : operators)
    if (each.kind == kind && each.level == level) return each.code;
  return std::nullopt;
}

std::string shown(const token& found) {
  return found.kind == token_kind::end ? std::string("the end") : fmt::format("`{}`", shortened(found.text));
}

} // namespace

bool binder::binds(std::string_view name) const noexcept {
  for (const binder* each = this; each != nullptr; each = each->outer)
    if (each->any || std::ranges::find(each->names, name) != each->names.end()) return true;
  return false;
}

parser::parser(compilation& shared, const binder* around, std::string_view source, std::string_view pointer, std::size_t start)
    : shared_(shared), around_(around), source_(source), pointer_(pointer), tokens_(source, start), current_(tokens_.next()) {}

void parser::fail(std::size_t at, std::string message) const {
  throw compile_failure{
      {std::string(pointer_), std::string(source_), unicode::length(source_.substr(0, at)) + 1, std::move(message)}};
}

void parser::unexpected(std::string_view wanted) const {
  if (current_.kind == token_kind::bad) {
    const bool quote = current_.text.front() == '"' || current_.text.front() == '\'';
    fail(current_.start, quote ? fmt::format("the string that starts with {} has no end", current_.text.front())
                               : fmt::format("{} means nothing in an expression", shown(current_)));
  }
  fail(current_.start, fmt::format("{} was expected, not {}", wanted, shown(current_)));
}

token parser::take() {
  const token taken = current_;
  read_ = taken.start + taken.text.size();
  current_ = tokens_.next();
  return taken;
}

token parser::expect(token_kind kind, std::string_view wanted) {
  if (current_.kind != kind) unexpected(wanted);
  return take();
}

bool parser::starts_expression() const noexcept {
  switch (current_.kind) {
  case token_kind::plus:
  case token_kind::minus:
  case token_kind::exclamation:
  case token_kind::number:
  case token_kind::null:
  case token_kind::true_:
  case token_kind::false_:
  case token_kind::string:
  case token_kind::identifier:
  case token_kind::left_parenthesis:
  case token_kind::left_bracket:
  case token_kind::left_brace: return true;
  default: return false;
  }
}

expr* parser::parse_all() {
  expr* whole = parse(0, 0);
  if (current_.kind != token_kind::end) unexpected("an operator or the end");
  return whole;
}

expr* parser::parse_interpolation(std::size_t& end) {
  expr* whole = parse(0, 0);
  if (current_.kind == token_kind::end) fail(source_.size(), "the ${..} has no closing brace");
  if (current_.kind != token_kind::right_brace) unexpected("an operator or the closing brace");
  end = current_.start + 1;
  return whole;
}

expr* parser::make(opcode code, const token& first) {
  expr* made = shared_.made.make<expr>();
  made->code = code;
  made->source = source_.substr(first.start, first.text.size());
  return made;
}

expr* parser::finish(expr* made, std::initializer_list<expr*> operands) {
  bool foldable = true;
  std::size_t depth = 0;
  const auto consider = [&](const expr* each) {
    if (each == nullptr) return;
    foldable = foldable && each->foldable;
    depth = std::max<std::size_t>(depth, each->depth);
  };
  for (const expr* each : operands) consider(each);
  for (const expr* each : made->items) consider(each);
  if (made->callee != nullptr) foldable = foldable && made->callee->pure;
  if (depth >= shared_.bounds.expression_depth)
    fail(read_, fmt::format("the expression has more than {} operators one in the other", shared_.bounds.expression_depth));
  made->depth = static_cast<std::uint16_t>(depth + 1);
  made->foldable = foldable;
  const char* const begin = made->source.data();
  made->source = {begin, static_cast<std::size_t>(source_.data() + read_ - begin)};
  return made;
}

expr* parser::binary(opcode code, expr* left, expr* right) {
  expr* made = shared_.made.make<expr>();
  made->code = code;
  made->left = left;
  made->right = right;
  made->source = left->source;
  return finish(made, {left, right});
}

expr* parser::parse(std::size_t level, std::size_t depth) {
  if (depth > shared_.bounds.expression_depth)
    fail(current_.start, fmt::format("the expression is nested deeper than {} levels", shared_.bounds.expression_depth));
  if (level == deepest_level) {
    expr* base = postfix(depth);
    while (current_.kind == token_kind::power) {
      take();
      base = binary(opcode::power, base, parse(level, depth + 1));
    }
    return base;
  }
  expr* left = parse(level + 1, depth);
  while (const auto code = operator_of(current_.kind, level)) {
    take();
    left = binary(*code, left, parse(level + 1, depth));
  }
  return left;
}

expr* parser::postfix(std::size_t depth) {
  const token first = current_;
  expr* made = nullptr;
  if (first.kind == token_kind::identifier) {
    take();
    made = current_.kind == token_kind::left_parenthesis ? call(call_by_name(first), depth) : name(first);
  } else {
    made = unit(depth);
  }
  for (;;) {
    if (current_.kind == token_kind::left_bracket) {
      made = brackets(made, depth);
    } else if (current_.kind == token_kind::left_parenthesis) {
      expr* callee = shared_.made.make<expr>();
      callee->code = opcode::call_value;
      callee->left = made;
      callee->source = made->source;
      callee->name = "the function";
      made = call(callee, depth);
    } else if (current_.kind == token_kind::dot) {
      take();
      const token property = expect(token_kind::identifier, "a property's name");
      expr* access = shared_.made.make<expr>();
      access->code = opcode::property;
      access->left = made;
      access->name = property.text;
      access->source = made->source;
      if (made->code == opcode::reserved) shared_.made.used_names.emplace(property.text);
      check_member(*made, property.text, property.start);
      made = finish(access, {made});
    } else {
      return made;
    }
  }
}

expr* parser::unit(std::size_t depth) {
  if (depth > shared_.bounds.expression_depth)
    fail(current_.start, fmt::format("the expression is nested deeper than {} levels", shared_.bounds.expression_depth));
  if (!starts_expression()) unexpected("a value");
  const token first = current_;
  const auto literal = [&](const value& of) {
    take();
    expr* made = make(opcode::constant, first);
    made->literal = of;
    return finish(made, {});
  };
  switch (first.kind) {
  case token_kind::number: return number(take());
  case token_kind::null: return literal(value::null());
  case token_kind::true_: return literal(value::of(true));
  case token_kind::false_: return literal(value::of(false));
  case token_kind::string: return literal(value::of(first.text.substr(1, first.text.size() - 2)));
  case token_kind::identifier: return name(take());
  case token_kind::left_bracket: return list(depth + 1);
  case token_kind::left_brace: return object(depth + 1);
  case token_kind::left_parenthesis: {
    take();
    expr* inner = parse(0, depth + 1);
    expect(token_kind::right_parenthesis, "a closing parenthesis");
    return inner;
  }
  default: return unary(depth);
  }
}

// Binds closer than property access: JSON-e reads `!a.b` as `(!a).b`.
expr* parser::unary(std::size_t depth) {
  const token sign = take();
  const opcode code = sign.kind == token_kind::minus  ? opcode::negate
                      : sign.kind == token_kind::plus ? opcode::identity
                                                      : opcode::logical_not;
  expr* made = make(code, sign);
  made->left = unit(depth + 1);
  return finish(made, {made->left});
}

expr* parser::number(const token& literal) {
  const auto parsed = parse_number(literal.text);
  if (!parsed) fail(literal.start, fmt::format("the number {} does not fit into 64 bits", shortened(literal.text)));
  expr* made = make(opcode::constant, literal);
  made->literal = *parsed;
  return finish(made, {});
}

} // namespace tocsin::json_e
