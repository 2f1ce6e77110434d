// Our own functions over values: JSON in text, ways into objects, what to take where something is missing.
#include "transform/json_e/arguments.hpp"
#include "transform/json_e/writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tocsin::json_e {
namespace {

value parse_json(const call& site) {
  const auto otherwise = [&](std::string_view why) { return has(site, 1) ? site.arguments[1] : refused(site, why); };
  if (!site.arguments[0].is_string()) return has(site, 1) ? site.arguments[1] : wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 16)) return value::failure();
  auto* place = site.machine.allocate<boost::json::value>(1);
  if (place == nullptr) return value::failure();
  auto read = site.machine.reader().read(text, boost::json::storage_ptr(&site.machine.memory()));
  if (!read)
    return otherwise(
        fmt::format("{} is not JSON: {} (byte {})", describe(site.arguments[0]), read.error().message, read.error().offset));
  // In the evaluation's memory, like all that it holds: nothing there is ever destroyed.
  return value::of(*new (place) boost::json::value(std::move(*read)));
}

value to_json_text(const call& site) {
  std::string text;
  if (auto done = append_json(text, site.arguments[0], site.machine.bounds()); !done) return refused(site, done.error().message);
  return site.machine.spend(text.size() / 16) ? site.machine.make_text(text) : value::failure();
}

value coalesce(const call& site) {
  const auto found = std::ranges::find_if_not(site.arguments, [](const value& each) { return each.is_null(); });
  return found != site.arguments.end() ? *found : value::null();
}

value default_of(const call& site) {
  const value& item = site.arguments[0];
  return item.is_null() || (item.is_string() && item.as_string().empty()) ? site.arguments[1] : item;
}

// One step into a value; absent where there is none.
value step(const value& from, const value& key) {
  if (from.is_object() && key.is_string()) return from.member(key.as_string());
  const auto at = from.is_array() && key.is_number() ? whole_number(key) : std::nullopt;
  if (!at) return value::none();
  const std::int64_t place = *at < 0 ? *at + static_cast<std::int64_t>(from.size()) : *at;
  return place >= 0 && place < static_cast<std::int64_t>(from.size()) ? from.element(static_cast<std::size_t>(place))
                                                                      : value::none();
}

value get(const call& site) {
  const value& path = site.arguments[1];
  if (!path.is_string() && !path.is_array()) return wrong_argument(site, 1, "a string (\"a.b\") or an array of keys");
  value found = site.arguments[0];
  if (path.is_array()) {
    if (!site.machine.spend(path.size())) return value::failure();
    for (std::size_t at = 0; at < path.size() && !found.is_absent(); ++at) found = step(found, path.element(at));
  } else {
    std::string_view rest = path.as_string();
    for (bool more = true; more && !found.is_absent();) {
      if (!site.machine.spend()) return value::failure();
      const std::size_t dot = rest.find('.');
      found = step(found, value::of(rest.substr(0, dot)));
      more = dot != std::string_view::npos;
      if (more) rest.remove_prefix(dot + 1);
    }
  }
  if (!found.is_absent() && !found.is_null()) return found;
  return has(site, 2) ? site.arguments[2] : value::null();
}

template <bool names>
value members(const call& site) {
  const value& item = site.arguments[0];
  if (!item.is_object()) return wrong_argument(site, 0, "an object");
  if (!site.machine.spend(item.size())) return value::failure();
  auto* items = site.machine.allocate<value>(item.size());
  if (items == nullptr) return value::failure();
  std::size_t count = 0;
  for_each_member(item, [&](std::string_view name, const value& each) { items[count++] = names ? value::of(name) : each; });
  return site.machine.make_array({items, count});
}

value unique(const call& site) {
  const value& item = site.arguments[0];
  if (!item.is_array()) return wrong_argument(site, 0, "an array");
  auto* items = site.machine.allocate<value>(item.size());
  if (items == nullptr) return value::failure();
  std::size_t count = 0;
  for (std::size_t at = 0; at < item.size(); ++at) {
    bool known = false;
    for (std::size_t before = 0; before < count && !known; ++before) {
      const auto same = site.machine.spend() ? site.machine.equal(items[before], item.element(at)) : std::nullopt;
      if (!same) return value::failure();
      known = *same;
    }
    if (!known) items[count++] = item.element(at);
  }
  return site.machine.make_array({items, count});
}

value round(const call& site) {
  if (!site.arguments[0].is_number()) return wrong_argument(site, 0, "a number");
  const auto digits = !has(site, 1)                   ? std::optional<std::int64_t>(0)
                      : site.arguments[1].is_number() ? whole_number(site.arguments[1])
                                                      : std::nullopt;
  if (!digits || *digits < 0 || *digits > 15) return wrong_argument(site, 1, "an integer from 0 to 15");
  if (site.arguments[0].is_integer()) return site.arguments[0];
  if (site.arguments[0].kind() != value::kind::real) return refused(site, explain(number_fault::marked));
  const double number = site.arguments[0].as_real();
  if (*digits == 0) {
    const auto [whole, fault] = to_integer(rounding::down, value::of(std::round(number)));
    return fault == number_fault::none ? whole : refused(site, explain(fault));
  }
  // By way of decimal text: what is rounded is the number as it is written, and no error comes in through powers of ten.
  const auto rounded = parse_number(fmt::format("{:.{}f}", number, *digits));
  return rounded ? *rounded : site.arguments[0];
}

value modulo(const call& site) {
  std::array<std::int64_t, 2> numbers{};
  for (std::size_t at = 0; at < 2; ++at) {
    const auto number = site.arguments[at].is_number() ? whole_number(site.arguments[at]) : std::nullopt;
    if (!number) return wrong_argument(site, at, "an integer");
    numbers[at] = *number;
  }
  const auto [number, by] = numbers;
  if (by == 0) return refused(site, explain(number_fault::division_by_zero));
  if (by == -1) return value::of(std::int64_t{0});
  const std::int64_t rest = number % by;
  return value::of(rest != 0 && (rest < 0) != (by < 0) ? rest + by : rest);
}

constexpr std::array table = {
    function{"parseJson", "parseJson(string[, default])", 1, 2, parse_json, origin::ours},
    function{"toJson", "toJson(value)", 1, 1, to_json_text, origin::ours},
    function{"coalesce", "coalesce(value, …)", 1, any_number, coalesce, origin::ours},
    function{"default", "default(value, instead of null or \"\")", 2, 2, default_of, origin::ours},
    function{"get", "get(value, path[, default])", 2, 3, get, origin::ours},
    function{"keys", "keys(object)", 1, 1, members<true>, origin::ours},
    function{"values", "values(object)", 1, 1, members<false>, origin::ours},
    function{"unique", "unique(array)", 1, 1, unique, origin::ours},
    function{"round", "round(number[, digits])", 1, 2, round, origin::ours},
    function{"mod", "mod(integer, by)", 2, 2, modulo, origin::ours},
};

} // namespace

std::span<const function> json_functions() noexcept { return table; }

} // namespace tocsin::json_e
