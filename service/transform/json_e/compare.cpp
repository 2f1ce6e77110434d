// Equality, order, and values as text.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

namespace tocsin::json_e {

std::optional<bool> evaluator::equal(const value& left, const value& right, std::size_t depth) {
  if (left.is_number() && right.is_number()) {
    if (const auto order_of = compare_numbers(left, right)) return *order_of == 0;
    fail("two numbers beyond 64 bits cannot be told apart");
    return std::nullopt;
  }
  if (left.is_string() && right.is_string()) {
    if (left.as_string().size() == right.as_string().size() && !spend(left.as_string().size() / 64)) return std::nullopt;
    return left.as_string() == right.as_string();
  }
  if (left.is_array() && right.is_array()) {
    if (left.size() != right.size()) return false;
    if (depth >= bounds().value_depth) return fail("the values to compare are nested too deeply"), std::nullopt;
    if (!spend(left.size())) return std::nullopt;
    for (std::size_t at = 0; at < left.size(); ++at) {
      const auto same = equal(left.element(at), right.element(at), depth + 1);
      if (!same || !*same) return same;
    }
    return true;
  }
  if (left.is_object() && right.is_object()) {
    if (left.size() != right.size()) return false;
    if (depth >= bounds().value_depth) return fail("the values to compare are nested too deeply"), std::nullopt;
    if (!spend(left.size())) return std::nullopt;
    const auto same_member = [&](std::string_view name, const value& item) -> std::optional<bool> {
      const value other = right.member(name);
      return other.is_absent() ? false : equal(item, other, depth + 1);
    };
    if (left.kind() == value::kind::object) {
      for (const value_member& each : left.as_object().items) {
        const auto same = same_member(each.name, each.item);
        if (!same || !*same) return same;
      }
      return true;
    }
    for (const auto& each : left.as_json_object()) {
      const auto same = same_member({each.key().data(), each.key().size()}, value::of(each.value()));
      if (!same || !*same) return same;
    }
    return true;
  }
  if (left.kind() != right.kind()) return false;
  if (left.is_bool()) return left.as_bool() == right.as_bool();
  if (left.is_function()) return &left.as_function() == &right.as_function();
  return left.is_null();
}

std::optional<std::strong_ordering> evaluator::order(const value& left, const value& right, std::string_view what) {
  if (left.is_number() && right.is_number()) {
    const auto order_of = compare_numbers(left, right);
    if (!order_of) fail(fmt::format("{}: two numbers beyond 64 bits cannot be told apart", what));
    return order_of;
  }
  if (left.is_string() && right.is_string()) {
    if (!spend(std::min(left.as_string().size(), right.as_string().size()) / 64)) return std::nullopt;
    return left.as_string() <=> right.as_string();
  }
  fail(fmt::format("{}: only two numbers or two strings have an order, not {} and {}", what, describe(left), describe(right)));
  return std::nullopt;
}

std::optional<std::string_view> evaluator::text_of(const value& item, null_is null) {
  switch (item.kind()) {
  case value::kind::string: return item.as_string();
  case value::kind::null: return null == null_is::word ? "null" : "";
  case value::kind::boolean: return item.as_bool() ? "true" : "false";
  case value::kind::int64:
  case value::kind::uint64:
  case value::kind::real:
  case value::kind::marked: {
    std::string text;
    if (item.kind() == value::kind::int64)
      append_number(text, item.as_int64());
    else if (item.kind() == value::kind::uint64)
      append_number(text, item.as_uint64());
    else if (item.kind() == value::kind::real)
      append_plain(text, item.as_real());
    else if (auto written = append_json(text, item); !written)
      return fail(written.error().message), std::nullopt;
    const value kept = make_text(text);
    if (kept.failed()) return std::nullopt;
    return kept.as_string();
  }
  default: fail(fmt::format("{} cannot be made text", describe(item))); return std::nullopt;
  }
}

} // namespace tocsin::json_e
