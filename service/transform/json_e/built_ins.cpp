// JSON-e's own functions.
#include "transform/json_e/arguments.hpp"
#include "transform/json_e/timespan.hpp"
#include "transform/json_e/unicode.hpp"

#include <algorithm>
#include <array>

namespace tocsin::json_e {
namespace {

template <bool largest>
value extreme(const call& site) {
  for (std::size_t at = 0; at < site.arguments.size(); ++at)
    if (!site.arguments[at].is_number()) return wrong_argument(site, at, "a number");
  value best = site.arguments[0];
  for (const value& each : site.arguments.subspan(1)) {
    const auto order = compare_numbers(each, best);
    if (!order) return refused(site, "two numbers beyond 64 bits cannot be told apart");
    if (largest ? *order > 0 : *order < 0) best = each;
  }
  return best;
}

value numeric(const call& site, number_result (*of)(const value&) noexcept) {
  if (!site.arguments[0].is_number()) return wrong_argument(site, 0, "a number");
  const auto [number, fault] = of(site.arguments[0]);
  return fault == number_fault::none ? number : refused(site, explain(fault));
}

value floor(const call& site) {
  return numeric(site, [](const value& number) noexcept { return to_integer(rounding::down, number); });
}
value ceil(const call& site) {
  return numeric(site, [](const value& number) noexcept { return to_integer(rounding::up, number); });
}
value abs(const call& site) { return numeric(site, absolute); }
value sqrt(const call& site) { return numeric(site, square_root); }

value range(const call& site) {
  std::array<std::int64_t, 3> numbers = {0, 0, 1};
  for (std::size_t at = 0; at < site.arguments.size(); ++at) {
    const auto number = site.arguments[at].is_number() ? whole_number(site.arguments[at]) : std::nullopt;
    if (!number) return wrong_argument(site, at, "an integer");
    numbers[at] = *number;
  }
  const auto [start, end, step] = numbers;
  if (step == 0) return refused(site, "a range cannot go in steps of 0");
  if (step > 0 ? start >= end : start <= end) return site.machine.make_array({});
  // Unsigned, for ranges from one end of the integers to the other.
  const auto distance = step > 0 ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start)
                                 : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(end);
  const auto stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  const std::uint64_t count = (distance - 1) / stride + 1;
  if (!site.machine.spend(count)) return value::failure();
  auto* items = site.machine.allocate<value>(count);
  if (items == nullptr) return value::failure();
  auto next = static_cast<std::uint64_t>(start);
  for (std::uint64_t at = 0; at < count; ++at, next += static_cast<std::uint64_t>(step))
    items[at] = value::of(static_cast<std::int64_t>(next));
  return site.machine.make_array({items, count});
}

value cased(const call& site, std::optional<std::string_view> (*mapping)(std::string_view, arena&)) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 16)) return value::failure();
  const auto mapped = mapping(text, site.machine.memory());
  return mapped ? value::of(*mapped) : site.machine.out_of_memory();
}
value lowercase(const call& site) { return cased(site, unicode::lower); }
value uppercase(const call& site) { return cased(site, unicode::upper); }

template <bool left, bool right>
value stripped(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 64)) return value::failure();
  if (left)
    while (const std::size_t space = unicode::leading_space(text)) text.remove_prefix(space);
  if (right)
    while (const std::size_t space = unicode::trailing_space(text)) text.remove_suffix(space);
  return value::of(text);
}

value len(const call& site) {
  const value& item = site.arguments[0];
  if (item.is_array()) return value::of(static_cast<std::int64_t>(item.size()));
  if (!item.is_string()) return wrong_argument(site, 0, "a string or an array");
  if (!site.machine.spend(item.as_string().size() / 64)) return value::failure();
  return value::of(static_cast<std::int64_t>(unicode::length(item.as_string())));
}

value str(const call& site) {
  const value& item = site.arguments[0];
  if (item.is_array() || item.is_object() || item.is_function())
    return wrong_argument(site, 0, "a string, a number, a boolean or null");
  const auto text = site.machine.text_of(item, evaluator::null_is::word);
  return text ? value::of(*text) : value::failure();
}

value number(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const auto parsed = parse_number(site.arguments[0].as_string());
  return parsed ? *parsed : refused(site, fmt::format("{} is no number that 64 bits hold", describe(site.arguments[0])));
}

value split(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  if (!site.arguments[1].is_string() && !site.arguments[1].is_number()) return wrong_argument(site, 1, "a string or a number");
  const std::string_view text = site.arguments[0].as_string();
  const auto separator = site.machine.text_of(site.arguments[1], evaluator::null_is::word);
  if (!separator || !site.machine.spend(text.size())) return value::failure();
  const auto next_end = [&](std::size_t from) {
    return separator->empty() ? from + unicode::first_size(text.substr(from))
                              : std::min(text.find(*separator, from), text.size());
  };
  std::size_t count = 0;
  if (separator->empty()) {
    count = unicode::length(text);
  } else {
    for (std::size_t at = 0; at <= text.size(); at = next_end(at) + separator->size()) ++count;
  }
  auto* items = site.machine.allocate<value>(count);
  if (items == nullptr) return value::failure();
  std::size_t from = 0;
  for (std::size_t at = 0; at < count; ++at) {
    const std::size_t end = next_end(from);
    items[at] = value::of(text.substr(from, end - from));
    from = end + separator->size();
  }
  return site.machine.make_array({items, count});
}

// Appends as JavaScript's join() makes text of an element: nothing of null, an array within joined by commas.
bool append_joined(const call& site, const value& item, std::string_view separator, std::size_t depth, std::string& out) {
  if (depth > site.machine.bounds().value_depth) return refused(site, "the array is nested too deeply"), false;
  if (!site.machine.spend(item.size() * (1 + separator.size() / 16))) return false;
  for (std::size_t at = 0; at < item.size(); ++at) {
    if (at != 0) out += separator;
    const value element = item.element(at);
    if (element.is_array()) {
      if (!append_joined(site, element, ",", depth + 1, out)) return false;
      continue;
    }
    const auto text = site.machine.text_of(element, evaluator::null_is::empty);
    if (!text || !site.machine.spend(text->size() / 16)) return false;
    out += *text;
    if (out.size() > site.machine.bounds().memory) return site.machine.out_of_memory(), false;
  }
  return true;
}

value join(const call& site) {
  if (!site.arguments[0].is_array()) return wrong_argument(site, 0, "an array");
  if (!site.arguments[1].is_string() && !site.arguments[1].is_number()) return wrong_argument(site, 1, "a string or a number");
  const auto separator = site.machine.text_of(site.arguments[1], evaluator::null_is::word);
  std::string joined;
  if (!separator || !append_joined(site, site.arguments[0], *separator, 0, joined)) return value::failure();
  return site.machine.make_text(joined);
}

value from_now(const call& site) {
  for (std::size_t at = 0; at < site.arguments.size(); ++at)
    if (!site.arguments[at].is_string()) return wrong_argument(site, at, "a string");
  const bool given = has(site, 1) && site.arguments[1].truthy();
  return site.machine.from_now(site.arguments[0], given ? site.arguments[1] : value::none(), site.scope);
}

value type_of(const call& site) { return value::of(type_name(site.arguments[0])); }

value defined(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  return value::of(site.machine.is_defined(site.arguments[0].as_string(), site.scope));
}

constexpr std::array table = {
    function{"min", "min(number, …)", 1, any_number, extreme<false>},
    function{"max", "max(number, …)", 1, any_number, extreme<true>},
    function{"sqrt", "sqrt(number)", 1, 1, sqrt},
    function{"ceil", "ceil(number)", 1, 1, ceil},
    function{"floor", "floor(number)", 1, 1, floor},
    function{"abs", "abs(number)", 1, 1, abs},
    function{"range", "range(start, end[, step])", 2, 3, range},
    function{"lowercase", "lowercase(string)", 1, 1, lowercase},
    function{"uppercase", "uppercase(string)", 1, 1, uppercase},
    function{"len", "len(string or array)", 1, 1, len},
    function{"str", "str(string, number, boolean or null)", 1, 1, str},
    function{"number", "number(string)", 1, 1, number},
    function{"strip", "strip(string)", 1, 1, stripped<true, true>},
    function{"lstrip", "lstrip(string)", 1, 1, stripped<true, false>},
    function{"rstrip", "rstrip(string)", 1, 1, stripped<false, true>},
    function{"split", "split(string, separator)", 2, 2, split},
    function{"join", "join(array, separator)", 2, 2, join},
    function{"fromNow", "fromNow(span[, from])", 1, 2, from_now, origin::json_e, false},
    function{"typeof", "typeof(value)", 1, 1, type_of},
    function{"defined", "defined(name)", 1, 1, defined, origin::json_e, false},
};

} // namespace

std::span<const function> built_ins() noexcept { return table; }

} // namespace tocsin::json_e
