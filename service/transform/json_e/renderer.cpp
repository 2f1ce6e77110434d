// Templates to values: dispatch, text, arrays, objects, and the operators that choose.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/names.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace tocsin::json_e {

value evaluator::render(const node& what, const frame* scope) {
  const value result = render_node(what, scope);
  if (result.failed()) {
    // The innermost node that a failure passes is the one it happened in.
    if (error.pointer.empty()) error.pointer = what.pointer;
  } else if (explain_ != nullptr) {
    (*explain_)(what.pointer, result);
  }
  return result;
}

value evaluator::render_node(const node& what, const frame* scope) {
  if (what.code == operation::constant) return what.literal;
  if (!spend()) return value::failure();
  switch (what.code) {
  case operation::constant: return what.literal;
  case operation::text: return render_text(what.parts, scope);
  case operation::eval: return evaluate(*what.expression, scope);
  case operation::array: return render_array(what, scope);
  case operation::object: return render_object(what, scope);
  case operation::if_: {
    const value condition = evaluate(*what.expression, scope);
    if (condition.failed()) return condition;
    const node* taken = condition.truthy() ? what.body : what.otherwise;
    return taken != nullptr ? render(*taken, scope) : value::none();
  }
  case operation::switch_: {
    const node* taken = nullptr;
    if (!chosen(what, scope, taken)) return value::failure();
    return taken != nullptr ? render(*taken, scope) : value::none();
  }
  case operation::match: return render_match(what, scope);
  case operation::map: return render_map(what, scope);
  case operation::reduce: return render_reduce(what, scope);
  case operation::find: return render_find(what, scope);
  case operation::let: {
    frame inner;
    return let_frame(what, scope, inner) ? render(*what.body, &inner) : value::failure();
  }
  case operation::merge:
  case operation::merge_deep: return render_merge(what, scope);
  case operation::sort: return render_sort(what, scope);
  case operation::reverse: {
    const value source = array_operand(what, scope, "$reverse");
    if (source.failed() || !spend(source.size())) return value::failure();
    auto* items = allocate<value>(source.size());
    if (items == nullptr) return value::failure();
    for (std::size_t at = 0; at < source.size(); ++at) items[at] = source.element(source.size() - 1 - at);
    return make_array({items, source.size()});
  }
  case operation::flatten:
  case operation::flatten_deep: return render_flatten(what, scope);
  case operation::from_now: return render_from_now(what, scope);
  case operation::json: return render_json(what, scope);
  }
  return {};
}

value evaluator::render_text(std::span<const part> parts, const frame* scope) {
  // Two passes over the parts: what they are, then one string of the right size.
  std::array<std::string_view, 8> few;
  std::string_view* pieces = few.data();
  if (parts.size() > few.size() && (pieces = allocate<std::string_view>(parts.size())) == nullptr) return value::failure();
  std::size_t size = 0;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    pieces[at] = parts[at].text;
    if (parts[at].expression != nullptr) {
      const value item = evaluate(*parts[at].expression, scope);
      if (item.failed()) return item;
      if (item.is_array() || item.is_object())
        return fail(fmt::format("{}: {} cannot stand in a text", parts[at].expression->source, describe(item)));
      const auto text = text_of(item, null_is::empty);
      if (!text) return value::failure();
      pieces[at] = *text;
    }
    size += pieces[at].size();
  }
  if (!spend(size / 64)) return value::failure();
  char* place = allocate<char>(size);
  if (place == nullptr) return value::failure();
  char* end = place;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (!pieces[at].empty()) std::memcpy(end, pieces[at].data(), pieces[at].size());
    end += pieces[at].size();
  }
  return value::of(std::string_view(place, size));
}

value evaluator::render_array(const node& what, const frame* scope) {
  auto* items = allocate<value>(what.items.size());
  if (items == nullptr) return value::failure();
  std::size_t count = 0;
  for (const node* each : what.items) {
    const value item = render(*each, scope);
    if (item.failed()) return item;
    if (!item.is_absent()) items[count++] = item;
  }
  return make_array({items, count});
}

value evaluator::render_object(const node& what, const frame* scope) {
  dict_builder builder(memory(), what.members.size());
  for (const member& each : what.members) {
    std::string_view name = each.name;
    if (!each.name_parts.empty()) {
      const value text = render_text(each.name_parts, scope);
      if (text.failed()) return text;
      name = text.as_string();
    }
    const value item = render(*each.item, scope);
    if (item.failed()) return item;
    if (!item.is_absent() && !builder.put(name, item)) return out_of_memory();
  }
  const value_dict* made = builder.build();
  return made != nullptr ? value::of(*made) : out_of_memory();
}

bool evaluator::chosen(const node& what, const frame* scope, const node*& taken) {
  const node* fallback = nullptr;
  for (const member& each : what.members) {
    if (each.condition == nullptr) {
      fallback = each.item;
      continue;
    }
    const value condition = evaluate(*each.condition, scope);
    if (condition.failed()) return false;
    if (!condition.truthy()) continue;
    if (taken != nullptr) return fail("two conditions of a $switch hold, and at most one may"), false;
    taken = each.item;
  }
  if (taken == nullptr) taken = fallback;
  return true;
}

value evaluator::render_match(const node& what, const frame* scope) {
  auto* items = allocate<value>(what.members.size());
  if (items == nullptr) return value::failure();
  std::size_t count = 0;
  for (const member& each : what.members) {
    const value condition = evaluate(*each.condition, scope);
    if (condition.failed()) return condition;
    if (!condition.truthy()) continue;
    items[count] = render(*each.item, scope);
    if (items[count].failed()) return value::failure();
    if (items[count++].is_absent())
      return fail(fmt::format("$match: what `{}` gives is left out, and a list of results has no place for that", each.name));
  }
  return make_array({items, count});
}

bool evaluator::let_frame(const node& what, const frame* scope, frame& inner) {
  const value bindings = render(*what.operand, scope);
  if (bindings.failed()) return false;
  if (!bindings.is_object()) return fail(fmt::format("$let wants an object of variables, not {}", describe(bindings))), false;
  bool identifiers = true;
  for_each_member(bindings, [&](std::string_view name, const value&) {
    if (is_identifier(name)) return;
    identifiers = false;
    fail(fmt::format("$let: \"{}\" is no identifier", shortened(name)));
  });
  if (!identifiers) return false;
  inner = {scope, {}, nullptr, bindings};
  return true;
}

} // namespace tocsin::json_e
