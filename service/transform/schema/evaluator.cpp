#include "transform/schema/evaluator.hpp"

#include "transform/schema/values.hpp"

#include <boost/json/static_resource.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace tocsin::schema::detail {

namespace json = boost::json;

namespace {

constexpr std::uint32_t max_depth = 3000; // of this recursion, a few hundred bytes of stack each

bool contains(const value_set& set, const json::value& v) noexcept {
  switch (v.kind()) {
  case json::kind::null: return set.null;
  case json::kind::bool_: return v.get_bool() ? set.yes : set.no;
  case json::kind::string: return set.strings.find(v.get_string()) != name_table::absent;
  case json::kind::array:
    if (v.get_array().empty()) return set.empty_array;
    break;
  case json::kind::object:
    if (v.get_object().empty()) return set.empty_object;
    break;
  default: return std::any_of(set.numbers.begin(), set.numbers.end(), [&](const json::value& n) { return equal(n, v); });
  }
  return std::any_of(set.compounds.begin(), set.compounds.end(), [&](const json::value& n) { return equal(n, v); });
}

RE2::Anchor constexpr anywhere = RE2::UNANCHORED;

bool matches(const RE2& pattern, std::string_view text) {
  return pattern.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), anywhere, nullptr, 0);
}

} // namespace

bool evaluator::run(const json::value& instance) {
  const bool valid = visit(program_.root, instance, nullptr);
  if (exhausted_) return false;
  return valid;
}

bool evaluator::visit(index number, const json::value& v, const step* at) {
  if (v.is_double() && std::isnan(v.get_double())) [[unlikely]] {
    const json::value about(program_.nearest ? program_.nearest(v.get_double()) : 0.0);
    return visit(number, about, at);
  }
  if (++steps_ > program_.max_steps) return limit("steps", at);
  const node& n = program_.nodes[number];
  if (n.never) {
    fault(n, "false", at, [] { return std::string("is not allowed here"); });
    return false;
  }
  const std::uint8_t type = n.types == all_types && n.numeric == none && v.is_double() ? std::uint8_t{fraction_bit} : type_of(v);
  bool ok = true;
  if (!(n.types & type)) return wrong_type(n, v, at);
  if (++depth_ > max_depth) {
    --depth_;
    return limit("levels of nesting", at);
  }
  if (type & number_bits) {
    if (n.numeric != none) ok = numeric(n, v, at);
  } else if (type == string_bit) {
    if (n.string != none) ok = text(n, v, at);
  } else if (type == array_bit) {
    if (n.array != none) ok = array(n, v, at);
  } else if (type == object_bit) {
    if (n.object != none) ok = object(n, v, at);
  }
  for (const auto& instruction : n.general) {
    if (!ok && !listening()) break;
    if (!general(n, instruction, v, at)) ok = false;
  }
  --depth_;
  return ok;
}

bool evaluator::visit_quietly(index number, const json::value& v, const step* at) {
  const bool before = std::exchange(quiet_, true);
  const bool ok = visit(number, v, at);
  quiet_ = before;
  return ok;
}

bool evaluator::numeric(const node& n, const json::value& v, const step* at) {
  const numeric_rules& r = program_.numerics[n.numeric];
  bool ok = true;
  const auto check = [&](const std::optional<json::value>& bound, std::string_view rule, std::string_view words, auto holds) {
    if (!bound || holds(*bound)) return true;
    ok = false;
    return fault(n, rule, at, [&] { return fmt::format("must be {} {}", words, shown(*bound)); });
  };
  check(r.minimum, "minimum", "at least", [&](const json::value& b) { return compare_numbers(v, b) >= 0; }) &&
      check(r.maximum, "maximum", "at most", [&](const json::value& b) { return compare_numbers(v, b) <= 0; }) &&
      check(r.exclusive_minimum, "exclusiveMinimum", "above", [&](const json::value& b) { return compare_numbers(v, b) > 0; }) &&
      check(r.exclusive_maximum, "exclusiveMaximum", "below", [&](const json::value& b) { return compare_numbers(v, b) < 0; }) &&
      check(r.multiple_of, "multipleOf", "a multiple of", [&](const json::value& b) { return is_multiple(v, b); });
  return ok;
}

bool evaluator::text(const node& n, const json::value& v, const step* at) {
  const string_rules& r = program_.strings[n.string];
  const std::string_view s = v.get_string();
  bool ok = true;
  if (r.min_length > 0 || r.max_length < s.size()) {
    const std::size_t count = length(s);
    if (count < r.min_length) {
      ok = false;
      if (!fault(n, "minLength", at,
                 [&] { return fmt::format("has {} characters, must have at least {}", count, r.min_length); }))
        return false;
    }
    if (count > r.max_length) {
      ok = false;
      if (!fault(n, "maxLength", at, [&] { return fmt::format("has {} characters, must have at most {}", count, r.max_length); }))
        return false;
    }
  }
  if (r.pattern && !matches(*r.pattern, s)) {
    ok = false;
    if (!fault(n, "pattern", at, [&] { return fmt::format("must match the pattern {}", r.pattern_text); })) return false;
  }
  if (r.format && !r.format(s)) {
    ok = false;
    fault(n, "format", at, [&] { return fmt::format("must be of the format {}", r.format_name); });
  }
  return ok;
}

bool evaluator::array(const node& n, const json::value& v, const step* at) {
  const array_rules& r = program_.arrays[n.array];
  const json::array& a = v.get_array();
  bool ok = true;
  if (a.size() < r.min_items) {
    ok = false;
    if (!fault(n, "minItems", at, [&] { return fmt::format("has {} elements, must have at least {}", a.size(), r.min_items); }))
      return false;
  }
  if (a.size() > r.max_items) {
    ok = false;
    if (!fault(n, "maxItems", at, [&] { return fmt::format("has {} elements, must have at most {}", a.size(), r.max_items); }))
      return false;
  }
  const index rest = r.tuple.empty() ? r.items : r.additional;
  if (!r.tuple.empty() || rest != none) {
    const std::size_t end = rest == none ? std::min(a.size(), r.tuple.size()) : a.size();
    for (std::size_t i = 0; i < end; ++i) {
      const step here{at, {}, i, false};
      if (visit(i < r.tuple.size() ? r.tuple[i] : rest, a[i], &here)) continue;
      ok = false;
      if (!listening()) return false;
    }
  }
  if (r.unique && !distinct(a)) {
    ok = false;
    if (!fault(n, "uniqueItems", at, [] { return std::string("holds equal elements, must hold each once"); })) return false;
  }
  if (r.contains != none) {
    const auto fits = [&](const json::value& element) { return visit_quietly(r.contains, element, at); };
    if (std::none_of(a.begin(), a.end(), fits)) {
      ok = false;
      fault(n, "contains", at, [] { return std::string("holds no element of the kind that it must contain"); });
    }
  }
  return ok;
}

bool evaluator::distinct(const json::array& a) {
  if (a.size() <= 16) {
    for (std::size_t i = 1; i < a.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (equal(a[i], a[j])) return false;
      }
    }
    return true;
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> hashes;
  hashes.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) hashes.emplace_back(hash(a[i], program_.seed), i);
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    for (std::size_t j = i; j-- > 0 && hashes[j].first == hashes[i].first;) {
      if (++steps_ > program_.max_steps) return limit("steps", nullptr);
      if (equal(a[hashes[i].second], a[hashes[j].second])) return false;
    }
  }
  return true;
}

bool evaluator::object(const node& n, const json::value& v, const step* at) {
  const object_rules& r = program_.objects[n.object];
  const json::object& o = v.get_object();
  bool ok = true;
  if (o.size() < r.min_properties) {
    ok = false;
    if (!fault(n, "minProperties", at,
               [&] { return fmt::format("has {} members, must have at least {}", o.size(), r.min_properties); }))
      return false;
  }
  if (o.size() > r.max_properties) {
    ok = false;
    if (!fault(n, "maxProperties", at,
               [&] { return fmt::format("has {} members, must have at most {}", o.size(), r.max_properties); }))
      return false;
  }
  const auto settled = [&](bool good) {
    ok = ok && good;
    return good || listening();
  };
  if (!settled(members(n, r, o, at))) return false;
  if (!r.dependencies.empty() && !settled(dependencies(n, r, v, at))) return false;
  return ok;
}

bool evaluator::members(const node& n, const object_rules& r, const json::object& o, const step* at) {
  const bool strict = !r.patterns.empty() || r.additional != none || r.property_names != none;
  if (!strict && r.names.size() == 0) return true;
  bool ok = true;
  std::size_t required = 0;
  for (const auto& member : o) {
    const std::string_view name = member.key();
    const std::uint32_t number = r.names.find(name);
    const step here{at, name, 0, true};
    bool known = false;
    if (number != name_table::absent) {
      const property& p = r.properties[number];
      required += p.required;
      if (p.node != none) {
        known = true;
        ok = visit(p.node, member.value(), &here) && ok;
      }
    }
    if (strict) {
      for (const auto& p : r.patterns) {
        if (!matches(*p.pattern, name)) continue;
        known = true;
        ok = visit(p.node, member.value(), &here) && ok;
      }
      if (!known && r.additional != none) {
        if (program_.nodes[r.additional].never) {
          ok = false;
          fault(n, "additionalProperties", at, [&] { return fmt::format("member {} is not known here", in_quotes(name)); }, name);
        } else {
          ok = visit(r.additional, member.value(), &here) && ok;
        }
      }
      if (r.property_names != none) {
        std::array<std::byte, 512> buffer;
        json::static_resource on_stack(buffer.data(), buffer.size());
        const bool small = name.size() < 256;
        const json::value key(json::string_view(name), small ? json::storage_ptr(&on_stack) : json::storage_ptr());
        if (!visit_quietly(r.property_names, key, at)) {
          ok = false;
          fault(
              n, "propertyNames", at, [&] { return fmt::format("the name of member {} is not allowed", in_quotes(name)); }, name);
        }
      }
    }
    if (!ok && !listening()) return false;
  }
  return (required == r.required || missing(n, r, o, at)) && ok;
}

bool evaluator::missing(const node& n, const object_rules& r, const json::object& o, const step* at) {
  for (std::uint32_t i = 0; i < r.names.size(); ++i) {
    if (!r.properties[i].required || o.contains(r.names[i])) continue;
    if (!fault(n, "required", at, [&] { return fmt::format("member {} is missing", in_quotes(r.names[i])); }, r.names[i]))
      return false;
  }
  return false;
}

bool evaluator::dependencies(const node& n, const object_rules& r, const json::value& v, const step* at) {
  const json::object& o = v.get_object();
  bool ok = true;
  for (const auto& d : r.dependencies) {
    if (!o.contains(d.name)) continue;
    for (const auto& name : d.members) {
      if (o.contains(name)) continue;
      ok = false;
      const auto message = [&] {
        return fmt::format("member {} is missing, which {} needs", in_quotes(name), in_quotes(d.name));
      };
      if (!fault(n, "dependencies", at, message, name)) return false;
    }
    if (d.node != none && !visit(d.node, v, at)) ok = false;
    if (!ok && !listening()) return false;
  }
  return ok;
}

bool evaluator::general(const node& n, const instruction& i, const json::value& v, const step* at) {
  switch (i.what) {
  case combinator::in_set: return contains(program_.sets[i.set], v) || out_of_set(n, i, v, at);
  case combinator::all_of: {
    bool ok = true;
    for (const index c : i.nodes) {
      ok = visit(c, v, at) && ok;
      if (!ok && !listening()) return false;
    }
    return ok;
  }
  case combinator::any_of:
    return std::any_of(i.nodes.begin(), i.nodes.end(), [&](index c) { return visit_quietly(c, v, at); }) ||
           alternatives(n, i, v, at);
  case combinator::one_of: {
    const auto count = std::count_if(i.nodes.begin(), i.nodes.end(), [&](index c) { return visit_quietly(c, v, at); });
    if (count == 1) return true;
    if (count == 0) return alternatives(n, i, v, at);
    fault(n, "oneOf", at, [&] { return fmt::format("fits {} of {} alternatives, must fit exactly one", count, i.nodes.size()); });
    return false;
  }
  case combinator::negation:
    if (!visit_quietly(i.nodes[0], v, at)) return true;
    fault(n, "not", at, [&] {
      const node& refused = program_.nodes[i.nodes[0]];
      const bool set = refused.types == all_types && refused.general.size() == 1 && refused.general[0].what == combinator::in_set;
      return set ? fmt::format("is {}, must not be one of {}", kind_name(v), program_.sets[refused.general[0].set].text)
                 : fmt::format("is what it must not be");
    });
    return false;
  case combinator::conditional: {
    const index branch = i.nodes[visit_quietly(i.nodes[0], v, at) ? 1 : 2];
    return branch == none || visit(branch, v, at);
  }
  }
  return false;
}

} // namespace tocsin::schema::detail
