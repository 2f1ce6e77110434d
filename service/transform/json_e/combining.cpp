// The operators that put arrays and objects together, and those that make text of them.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::json_e {

value evaluator::render_merge(const node& what, const frame* scope) {
  const bool deep = what.code == operation::merge_deep;
  const std::string_view name = deep ? "$mergeDeep" : "$merge";
  const value source = array_operand(what, scope, name);
  if (source.failed()) return source;
  std::size_t count = 0;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value item = source.element(at);
    if (!item.is_object()) return fail(fmt::format("{} wants an array of objects, not of {}", name, describe(item)));
    count += item.size();
  }
  if (!spend(count)) return value::failure();
  if (deep) {
    value merged = source.size() > 0 ? source.element(0) : make_dict({});
    for (std::size_t at = 1; at < source.size() && !merged.failed(); ++at) merged = merge_deep(merged, source.element(at), 0);
    return merged;
  }
  dict_builder builder(memory(), count);
  bool fits = true;
  for (std::size_t at = 0; at < source.size(); ++at)
    for_each_member(source.element(at), [&](std::string_view key, const value& item) { fits = fits && builder.put(key, item); });
  const value_dict* made = fits ? builder.build() : nullptr;
  return made != nullptr ? value::of(*made) : out_of_memory();
}

value evaluator::merge_deep(const value& left, const value& right, std::size_t depth) {
  if (depth >= bounds().value_depth) return fail("$mergeDeep: the objects are nested too deeply");
  if (left.is_array() && right.is_array()) {
    const std::size_t count = left.size() + right.size();
    auto* items = spend(count) ? allocate<value>(count) : nullptr;
    if (items == nullptr) return value::failure();
    for (std::size_t at = 0; at < left.size(); ++at) items[at] = left.element(at);
    for (std::size_t at = 0; at < right.size(); ++at) items[left.size() + at] = right.element(at);
    return make_array({items, count});
  }
  if (!left.is_object() || !right.is_object()) return right;
  if (!spend(left.size() + right.size())) return value::failure();
  dict_builder builder(memory(), left.size() + right.size());
  bool fits = true;
  for_each_member(left, [&](std::string_view key, const value& item) { fits = fits && builder.put(key, item); });
  for_each_member(right, [&](std::string_view key, const value& item) {
    const value* known = builder.find(key);
    const value merged = known != nullptr ? merge_deep(*known, item, depth + 1) : item;
    fits = fits && !merged.failed() && builder.put(key, merged);
  });
  const value_dict* made = fits ? builder.build() : nullptr;
  return made != nullptr ? value::of(*made) : out_of_memory();
}

value evaluator::render_flatten(const node& what, const frame* scope) {
  const bool deep = what.code == operation::flatten_deep;
  const value source = array_operand(what, scope, deep ? "$flattenDeep" : "$flatten");
  if (source.failed()) return source;
  std::vector<value> flat;
  if (!flatten(source, deep ? bounds().value_depth : 1, deep ? levels::all : levels::one, flat)) return value::failure();
  auto* items = allocate<value>(flat.size());
  if (items == nullptr) return value::failure();
  std::copy(flat.begin(), flat.end(), items);
  return make_array({items, flat.size()});
}

bool evaluator::flatten(const value& source, std::size_t levels_left, levels which, std::vector<value>& out) {
  if (!spend(source.size())) return false;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value item = source.element(at);
    if (!item.is_array() || (levels_left == 0 && which == levels::one)) {
      out.push_back(item);
    } else if (levels_left == 0) {
      return fail("$flattenDeep: the arrays are nested too deeply"), false;
    } else if (!flatten(item, levels_left - 1, which, out)) {
      return false;
    }
  }
  return true;
}

value evaluator::render_from_now(const node& what, const frame* scope) {
  const value span = render(*what.operand, scope);
  if (span.failed()) return span;
  value reference;
  if (what.body != nullptr) {
    reference = render(*what.body, scope);
    if (reference.failed()) return reference;
    if (reference.is_absent()) reference = value::null();
  }
  return from_now(span, reference, scope);
}

namespace {

// A copy with the members of all objects in the order of their names. Functions and absent values stay, for the writer to refuse.
value sorted_members(evaluator& machine, const value& item, std::size_t depth) {
  if (!item.is_array() && !item.is_object()) return item;
  if (depth >= machine.bounds().value_depth) return machine.fail("$json: the value is nested too deeply");
  if (!machine.spend(item.size())) return value::failure();
  if (item.is_array()) {
    auto* items = machine.allocate<value>(item.size());
    if (items == nullptr) return value::failure();
    for (std::size_t at = 0; at < item.size(); ++at) {
      items[at] = sorted_members(machine, item.element(at), depth + 1);
      if (items[at].failed()) return items[at];
    }
    return machine.make_array({items, item.size()});
  }
  std::vector<value_member> members;
  members.reserve(item.size());
  for_each_member(item, [&](std::string_view name, const value& each) { members.push_back({name, each}); });
  std::ranges::sort(members, {}, &value_member::name);
  for (value_member& each : members) {
    each.item = sorted_members(machine, each.item, depth + 1);
    if (each.item.failed()) return each.item;
  }
  return machine.make_dict(members);
}

} // namespace

value evaluator::render_json(const node& what, const frame* scope) {
  const value source = render(*what.operand, scope);
  if (source.failed()) return source;
  const value sorted = sorted_members(*this, source, 0);
  if (sorted.failed()) return sorted;
  std::string text;
  if (auto done = append_json(text, sorted, bounds(), number_style::plain); !done) return fail("$json: " + done.error().message);
  return spend(text.size() / 16) ? make_text(text) : value::failure();
}

} // namespace tocsin::json_e
