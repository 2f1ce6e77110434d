// The operators that go through arrays and objects.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::json_e {

value evaluator::array_operand(const node& what, const frame* scope, std::string_view operator_name) {
  const value source = render(*what.operand, scope);
  if (source.failed() || source.is_array()) return source;
  return fail(fmt::format("{} wants an array, not {}", operator_name, describe(source)));
}

value evaluator::render_map(const node& what, const frame* scope) {
  const value source = render(*what.operand, scope);
  if (source.failed()) return source;
  if (!source.is_array()) return map_object(what, source, scope);
  auto* items = allocate<value>(source.size());
  if (items == nullptr) return value::failure();
  std::size_t count = 0;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value bound_values[2] = {source.element(at), value::of(static_cast<std::int64_t>(at))};
    const frame inner{scope, {what.names, what.name_count}, bound_values, {}};
    const value item = spend() ? render(*what.body, &inner) : value::failure();
    if (item.failed()) return item;
    if (!item.is_absent()) items[count++] = item;
  }
  return make_array({items, count});
}

value evaluator::map_object(const node& what, const value& source, const frame* scope) {
  if (!source.is_object()) return fail(fmt::format("$map wants an array or an object, not {}", describe(source)));
  std::vector<value_member> made;
  bool failed = false;
  for_each_member(source, [&](std::string_view name, const value& item) {
    if (failed || (failed = !spend())) return;
    value bound_values[2] = {item, value::of(name)};
    if (what.name_count == 1) { // one variable: {key, val}
      const value_member pair[] = {{"key", bound_values[1]}, {"val", item}};
      bound_values[0] = make_dict(pair);
    }
    const frame inner{scope, {what.names, what.name_count}, bound_values, {}};
    const value result = bound_values[0].failed() ? value::failure() : render(*what.body, &inner);
    if ((failed = result.failed()) || result.is_absent()) return;
    if (result.is_object() && spend(result.size())) {
      for_each_member(result, [&](std::string_view key, const value& inner_item) { made.push_back({key, inner_item}); });
      failed = made.size() * sizeof(value_member) > bounds().memory && out_of_memory().failed();
      return;
    }
    fail(fmt::format("$map over an object wants each(..) to give objects, not {}", describe(result)));
    failed = true;
  });
  return failed ? value::failure() : make_dict(made);
}

value evaluator::render_reduce(const node& what, const frame* scope) {
  const value source = array_operand(what, scope, "$reduce");
  if (source.failed()) return source;
  value result = what.literal; // `initial`, which is not rendered
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value bound_values[3] = {result, source.element(at), value::of(static_cast<std::int64_t>(at))};
    const frame inner{scope, {what.names, what.name_count}, bound_values, {}};
    const value next = spend() ? render(*what.body, &inner) : value::failure();
    if (next.failed()) return next;
    if (!next.is_absent()) result = next;
  }
  return result;
}

value evaluator::render_find(const node& what, const frame* scope) {
  const value source = array_operand(what, scope, "$find");
  if (source.failed()) return source;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value bound_values[2] = {source.element(at), value::of(static_cast<std::int64_t>(at))};
    const frame inner{scope, {what.names, what.name_count}, bound_values, {}};
    const value holds = spend() ? evaluate(*what.expression, &inner) : value::failure();
    if (holds.failed()) return holds;
    if (holds.truthy()) return bound_values[0]; // data: never rendered as a template
  }
  return value::none();
}

value evaluator::render_sort(const node& what, const frame* scope) {
  const value source = array_operand(what, scope, "$sort");
  if (source.failed()) return source;
  struct keyed {
    value key, item;
    std::size_t place; // breaks ties: the sort is stable
  };
  auto* items = allocate<keyed>(source.size());
  auto* sorted = allocate<value>(source.size());
  if (items == nullptr || sorted == nullptr || !spend(source.size())) return value::failure();
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value item = source.element(at);
    const frame inner{scope, {what.names, what.name_count}, &item, {}};
    const value key = what.expression != nullptr ? evaluate(*what.expression, &inner) : item;
    if (key.failed()) return key;
    const bool fits = at == 0 ? key.is_number() || key.is_string()
                              : key.is_string() == items[0].key.is_string() && (key.is_number() || key.is_string());
    if (!fits) return fail(fmt::format("$sort wants numbers or strings, all alike, not {}", describe(key)));
    items[at] = {key, item, at};
  }
  // Once a comparison has failed, all are equal, and the sort soon ends.
  bool failed = false;
  std::sort(items, items + source.size(), [&](const keyed& left, const keyed& right) {
    if (failed || (failed = !spend())) return false;
    const auto order_of = order(left.key, right.key, "$sort");
    if ((failed = !order_of)) return false;
    return *order_of != 0 ? *order_of < 0 : left.place < right.place;
  });
  if (failed) return value::failure();
  for (std::size_t at = 0; at < source.size(); ++at) sorted[at] = items[at].item;
  return make_array({sorted, source.size()});
}

} // namespace tocsin::json_e
