// Indexing and slicing of arrays and strings, members of objects.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tocsin::json_e {
namespace {

// Python's rule for slices: counted from the end where negative, then held within [0, length].
std::size_t bounded(std::int64_t at, std::size_t length) noexcept {
  const auto size = static_cast<std::int64_t>(length);
  if (at < 0) at = std::max<std::int64_t>(at + size, 0);
  return static_cast<std::size_t>(std::min(at, size));
}

} // namespace

value evaluator::index(const expr& what, const frame* scope) {
  const value whole = evaluate(*what.left, scope);
  if (whole.failed()) return whole;
  const value key = evaluate(*what.right, scope);
  if (key.failed()) return key;
  if (!what.items.empty()) { // "[a b]": the reference takes an expression too many, and ignores its value
    const value ignored = evaluate(*what.items[0], scope);
    if (ignored.failed()) return ignored;
  }
  if (whole.is_object()) {
    if (!key.is_string()) return fail(fmt::format("{}: an object's keys are strings, not {}", what.source, describe(key)));
    const value found = whole.member(key.as_string());
    return found.is_absent() ? value::null() : found;
  }
  if (!whole.is_array() && !whole.is_string())
    return fail(fmt::format("{}: [..] wants an object, an array or a string, not {}", what.source, describe(whole)));
  const auto place = key.is_number() ? whole_number(key) : std::nullopt;
  if (!place) return fail(fmt::format("{}: an index must be an integer, not {}", what.source, describe(key)));
  if (whole.is_string() && !spend(whole.as_string().size() / 64)) return value::failure();
  const std::size_t length = whole.is_array() ? whole.size() : unicode::length(whole.as_string());
  const std::int64_t at = *place < 0 ? *place + static_cast<std::int64_t>(length) : *place;
  if (at < 0 || at >= static_cast<std::int64_t>(length))
    return fail(fmt::format("{}: index {} is out of bounds: the {} has {}", what.source, *place, type_name(whole), length));
  if (whole.is_array()) return whole.element(static_cast<std::size_t>(at));
  const std::string_view rest = whole.as_string().substr(unicode::offset_of(whole.as_string(), static_cast<std::size_t>(at)));
  return value::of(rest.substr(0, unicode::first_size(rest)));
}

value evaluator::slice(const expr& what, const frame* scope) {
  const value whole = evaluate(*what.left, scope);
  if (whole.failed()) return whole;
  value ends[2];
  for (std::size_t at = 0; at < 2; ++at) {
    if (what.items[at] == nullptr) continue;
    ends[at] = evaluate(*what.items[at], scope);
    if (ends[at].failed()) return ends[at];
  }
  if (!whole.is_array() && !whole.is_string())
    return fail(fmt::format("{}: [:] wants an array or a string, not {}", what.source, describe(whole)));
  if (whole.is_string() && !spend(whole.as_string().size() / 64)) return value::failure();
  const std::size_t length = whole.is_array() ? whole.size() : unicode::length(whole.as_string());
  std::size_t places[2] = {0, length};
  for (std::size_t at = 0; at < 2; ++at) {
    if (ends[at].is_absent() || ends[at].is_null()) continue;
    const auto place = ends[at].is_number() ? whole_number(ends[at]) : std::nullopt;
    if (!place) return fail(fmt::format("{}: a slice goes from integer to integer, not {}", what.source, describe(ends[at])));
    places[at] = bounded(*place, length);
  }
  places[1] = std::max(places[0], places[1]);
  const std::size_t count = places[1] - places[0];
  if (whole.is_string()) {
    const std::string_view rest = whole.as_string().substr(unicode::offset_of(whole.as_string(), places[0]));
    return value::of(rest.substr(0, unicode::offset_of(rest, count)));
  }
  if (whole.kind() == value::kind::array) return make_array(whole.as_array().items.subspan(places[0], count));
  if (!spend(count)) return value::failure();
  auto* items = allocate<value>(count);
  if (items == nullptr) return value::failure();
  for (std::size_t at = 0; at < count; ++at) items[at] = whole.element(places[0] + at);
  return make_array({items, count});
}

} // namespace tocsin::json_e
