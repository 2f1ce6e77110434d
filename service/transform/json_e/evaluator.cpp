#include "transform/json_e/evaluator.hpp"

#include "transform/json_e/describe.hpp"
#include "transform/json_e/functions.hpp"
#include "transform/json_e/names.hpp"
#include "transform/json_e/timespan.hpp"
#include "transform/json_e/unicode.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace tocsin::json_e {
namespace {

arithmetic operation_of(opcode code) noexcept {
  switch (code) {
  case opcode::subtract: return arithmetic::subtract;
  case opcode::multiply: return arithmetic::multiply;
  case opcode::divide: return arithmetic::divide;
  case opcode::power: return arithmetic::power;
  default: return arithmetic::add;
  }
}

} // namespace

bool evaluator::out_of_steps() {
  steps_left_ = 0;
  fail("the evaluation takes more than the " + std::to_string(bounds().steps) + " steps allowed");
  return false;
}

value evaluator::fail(std::string message) {
  if (error.message.empty()) error.message = std::move(message);
  return value::failure();
}

bool evaluator::ready() {
  if (names_.names == member_names::any || names_.members == nullptr) return true;
  for (const auto& each : *names_.members) {
    const std::string_view name(each.key().data(), each.key().size());
    if (!is_identifier(name)) return fail(fmt::format("the context's member \"{}\" is no identifier", shortened(name))), false;
  }
  return true;
}

value evaluator::make_text(std::string_view text, std::string_view more) {
  char* place = allocate<char>(text.size() + more.size());
  if (place == nullptr) return value::failure();
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  if (!more.empty()) std::memcpy(place + text.size(), more.data(), more.size());
  return value::of(std::string_view(place, text.size() + more.size()));
}

value evaluator::make_array(std::span<const value> items) {
  auto* made = allocate<value_array>(1);
  return made != nullptr ? value::of(*new (made) value_array{items}) : value::failure();
}

value evaluator::make_dict(std::span<const value_member> members) {
  dict_builder builder(memory(), members.size());
  for (const value_member& each : members)
    if (!builder.put(each.name, each.item)) return out_of_memory();
  const value_dict* made = builder.build();
  return made != nullptr ? value::of(*made) : out_of_memory();
}

bool evaluator::bound(std::string_view name, const frame* scope, value& found) const {
  for (; scope != nullptr; scope = scope->outer) {
    for (std::size_t at = 0; at < scope->names.size(); ++at)
      if (scope->names[at] == name) return found = scope->values[at], true;
    if (scope->bindings.is_object()) {
      found = scope->bindings.member(name);
      if (!found.is_absent()) return true;
    }
  }
  return false;
}

value evaluator::variable(std::string_view name, const frame* scope) const {
  value found;
  if (bound(name, scope, found)) return found;
  if (names_.members != nullptr) {
    if (const boost::json::value* member = names_.members->if_contains(name)) return value::of(*member);
  }
  return value::none();
}

value evaluator::reserved(std::size_t slot) const noexcept {
  return slot < names_.reserved.size() && names_.reserved[slot] != nullptr ? value::of(*names_.reserved[slot]) : value::none();
}

bool evaluator::is_defined(std::string_view name, const frame* scope) const {
  if (!variable(name, scope).is_absent() || name == "now") return true;
  for (std::size_t slot = 0; slot < code_.reserved.size(); ++slot)
    if (code_.reserved[slot] == name) return !reserved(slot).is_absent();
  const function* known = find_function(name);
  return known != nullptr && known->from == origin::json_e;
}

value evaluator::from_now(const value& span, value reference, const frame* scope) {
  if (!span.is_string()) return fail(fmt::format("fromNow wants a string such as \"2 days 3 hours\", not {}", describe(span)));
  const auto distance = parse_timespan(span.as_string());
  if (!distance) return fail(fmt::format("{} is no span of time such as \"2 days 3 hours\"", describe(span)));
  if (reference.is_absent()) reference = variable("now", scope);
  std::optional<instant> start = names_.now;
  if (!reference.is_absent() && !reference.is_null()) {
    start = reference.is_string() ? parse_instant(reference.as_string()) : std::nullopt;
    if (!start) return fail(fmt::format("{} is no time such as \"2017-01-19T16:27:20.974Z\"", describe(reference)));
  }
  const instant then = *start + *distance;
  if (!in_range(then)) return fail(fmt::format("{} leads out of the years 1 to 9999", describe(span)));
  return make_text(format_instant(then));
}

value evaluator::now() {
  const std::string text = format_instant(names_.now);
  return make_text(text);
}

value evaluator::evaluate(const expr& what, const frame* scope) {
  if (what.code == opcode::constant) return what.literal;
  if (!spend()) return value::failure();
  switch (what.code) {
  case opcode::constant: return what.literal;
  case opcode::member:
  case opcode::variable: {
    value found = variable(what.name, what.code == opcode::member ? nullptr : scope);
    if (!found.is_absent()) [[likely]]
      return found;
    if (what.callee != nullptr) return value::of(*what.callee);
    return fail(fmt::format("{} is not defined: there is no such member", what.name));
  }
  case opcode::reserved: {
    value found;
    if (bound(what.name, scope, found)) return found;
    found = reserved(what.slot);
    return found.is_absent() ? fail(fmt::format("{} is not defined here", what.name)) : found;
  }
  case opcode::now: {
    const value found = variable(what.name, scope);
    return found.is_absent() ? now() : found;
  }
  case opcode::negate:
  case opcode::identity: {
    const value operand = evaluate(*what.left, scope);
    if (operand.failed()) return operand;
    const char sign = what.code == opcode::negate ? '-' : '+';
    if (!operand.is_number())
      return fail(fmt::format("{}: unary {} wants a number, not {}", what.source, sign, describe(operand)));
    if (what.code == opcode::identity) return operand;
    const auto [number, fault] = negate(operand);
    return fault == number_fault::none ? number : fail(fmt::format("{}: {}", what.source, explain(fault)));
  }
  case opcode::logical_not: {
    const value operand = evaluate(*what.left, scope);
    return operand.failed() ? operand : value::of(!operand.truthy());
  }
  case opcode::logical_or:
  case opcode::logical_and: {
    const value left = evaluate(*what.left, scope);
    if (left.failed()) return left;
    if (left.truthy() == (what.code == opcode::logical_or)) return value::of(left.truthy());
    const value right = evaluate(*what.right, scope);
    return right.failed() ? right : value::of(right.truthy());
  }
  case opcode::property: {
    const value left = evaluate(*what.left, scope);
    if (left.failed()) return left;
    if (!left.is_object()) return fail(fmt::format("{}: .{} wants an object, not {}", what.source, what.name, describe(left)));
    const value found = left.member(what.name);
    return found.is_absent() ? fail(fmt::format("{}: the object has no property \"{}\"", what.source, what.name)) : found;
  }
  case opcode::index: return index(what, scope);
  case opcode::slice: return slice(what, scope);
  case opcode::array: {
    auto* items = allocate<value>(what.items.size());
    if (items == nullptr) return value::failure();
    for (std::size_t at = 0; at < what.items.size(); ++at) {
      items[at] = evaluate(*what.items[at], scope);
      if (items[at].failed()) return items[at];
    }
    return make_array({items, what.items.size()});
  }
  case opcode::object: return make_object(what, scope);
  case opcode::call: return invoke(what, *what.callee, scope);
  case opcode::call_name: {
    value found;
    if (!bound(what.name, scope, found)) {
      if (what.callee != nullptr) return invoke(what, *what.callee, scope);
      return fail(fmt::format("{} is not defined: there is no such function", what.name));
    }
    if (!found.is_function()) return fail(fmt::format("{} cannot be called: it is {}", what.name, describe(found)));
    return invoke(what, found.as_function(), scope);
  }
  case opcode::call_value: {
    const value callee = evaluate(*what.left, scope);
    if (callee.failed()) return callee;
    if (!callee.is_function()) return fail(fmt::format("{}: {} cannot be called", what.source, describe(callee)));
    return invoke(what, callee.as_function(), scope);
  }
  default: return binary(what, scope);
  }
}

value evaluator::binary(const expr& what, const frame* scope) {
  const value left = evaluate(*what.left, scope);
  if (left.failed()) return left;
  const value right = evaluate(*what.right, scope);
  if (right.failed()) return right;
  switch (what.code) {
  case opcode::equal:
  case opcode::unequal: {
    const auto same = equal(left, right);
    return same ? value::of(*same == (what.code == opcode::equal)) : value::failure();
  }
  case opcode::less:
  case opcode::less_equal:
  case opcode::greater:
  case opcode::greater_equal: {
    const auto order_of = order(left, right, what.source);
    if (!order_of) return value::failure();
    if (what.code == opcode::less) return value::of(*order_of < 0);
    if (what.code == opcode::less_equal) return value::of(*order_of <= 0);
    return value::of(what.code == opcode::greater ? *order_of > 0 : *order_of >= 0);
  }
  case opcode::contains: return contains(what, left, right);
  default: return arithmetic_of(what, left, right);
  }
}

value evaluator::arithmetic_of(const expr& what, const value& left, const value& right) {
  if (left.is_number() && right.is_number()) {
    const auto [number, fault] = calculate(operation_of(what.code), left, right);
    return fault == number_fault::none ? number : fail(fmt::format("{}: {}", what.source, explain(fault)));
  }
  if (what.code == opcode::add && left.is_string() && right.is_string()) {
    if (!spend((left.as_string().size() + right.as_string().size()) / 64)) return value::failure();
    return make_text(left.as_string(), right.as_string());
  }
  return fail(fmt::format("{}: wants two numbers{}, not {} and {}", what.source,
                          what.code == opcode::add ? " or two strings" : "", describe(left), describe(right)));
}

value evaluator::contains(const expr& what, const value& left, const value& right) {
  if (right.is_array()) {
    for (std::size_t at = 0; at < right.size(); ++at) {
      if (!spend()) return value::failure();
      const auto same = equal(left, right.element(at));
      if (!same) return value::failure();
      if (*same) return value::of(true);
    }
    return value::of(false);
  }
  if (!right.is_object() && !right.is_string())
    return fail(fmt::format("{}: `in` wants an array, a string or an object to look into, not {}", what.source, describe(right)));
  if (!left.is_string())
    return fail(fmt::format("{}: `in` wants a string to look for in {}, not {}", what.source, describe(right), describe(left)));
  if (right.is_object()) return value::of(!right.member(left.as_string()).is_absent());
  if (!spend(right.as_string().size() / 64)) return value::failure();
  return value::of(right.as_string().find(left.as_string()) != std::string_view::npos);
}

value evaluator::make_object(const expr& what, const frame* scope) {
  dict_builder builder(memory(), what.items.size());
  for (std::size_t at = 0; at < what.items.size(); ++at) {
    const value item = evaluate(*what.items[at], scope);
    if (item.failed()) return item;
    if (!builder.put(what.names[at], item)) return out_of_memory();
  }
  const value_dict* made = builder.build();
  return made != nullptr ? value::of(*made) : out_of_memory();
}

value evaluator::invoke(const expr& what, const function& callee, const frame* scope) {
  const std::size_t count = what.items.size();
  if (count < callee.least || count > callee.most)
    return fail(fmt::format("{}: takes other arguments: {}", what.source, callee.usage));
  std::array<value, 6> few;
  value* arguments = few.data();
  if (count > few.size()) {
    arguments = allocate<value>(count);
    if (arguments == nullptr) return value::failure();
  }
  for (std::size_t at = 0; at < count; ++at) {
    arguments[at] = evaluate(*what.items[at], scope);
    if (arguments[at].failed()) return arguments[at];
  }
  return callee.run({*this, {arguments, count}, scope, what});
}

} // namespace tocsin::json_e
