// A struct of the settings as a table of its members: one line each says the name in the file, whether it must be there, where it
// goes and what kind of value it is. Reading, printing, "did you mean" and the comparison with config.schema.json all walk the
// table.
#pragma once

#include "config/kinds.hpp"
#include "config/nearest.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <functional>
#include <type_traits>

namespace tocsin::config {

// A member as a test compares it with the schema; `path` has [] for any element of a list.
struct described_member {
  std::string path;
  bool required = false;
};

template <class S>
struct member {
  std::string_view name;
  std::string_view missing;  // what is said where it is left out; empty: it may be
  bool read_missing = false; // a section whose members say what is missing where it is left out
  std::function<void(const boost::json::value&, S&, const place&)> read;
  std::function<boost::json::value(const S&)> print;
  std::function<void(const std::string& path, std::vector<described_member>&)> describe;
};

template <class S>
using table = std::vector<member<S>>;

// The members inside a value of the kind, if it has any.
template <kind K>
void describe_inside(const K& k, const std::string& path, std::vector<described_member>& out) {
  if constexpr (requires { k.describe(path, out); }) k.describe(path, out);
}

// A member read by `k` and kept by `set(S&, value)`; `get(const S&)` gives what is to be printed.
template <class S, kind K, class Get, class Set>
member<S> bound(std::string_view name, std::string_view missing, K k, Get get, Set set) {
  return {name,
          missing,
          false,
          [k, set](const boost::json::value& value, S& target, const place& at) {
            if (auto read = k.read(value, at)) set(target, *std::move(read));
          },
          [k, get](const S& source) { return k.print(get(source)); },
          [k, required = !missing.empty()](const std::string& path, std::vector<described_member>& out) {
            out.push_back({path, required});
            describe_inside(k, path, out);
          }};
}

template <class S, class T, kind K>
member<S> required(std::string_view name, T S::* target, K k, std::string_view missing) {
  static_assert(std::is_same_v<T, typename K::type>);
  return bound<S>(
      name, missing, std::move(k), [target](const S& s) -> const T& { return s.*target; },
      [target](S& s, T value) { s.*target = std::move(value); });
}

template <class S, class T, kind K>
member<S> optional(std::string_view name, T S::* target, K k) {
  return required(name, target, std::move(k), "");
}

// A mapping with the members of a table. A section without a value (all of its lines are comments) is an empty mapping.
template <class S>
struct group_kind {
  using type = S;
  const table<S>& (*members)();

  [[nodiscard]] std::optional<S> read(const boost::json::value& value, const place& at) const {
    if (!value.is_object() && !value.is_null()) {
      at.refuse(value, "stands where a mapping is wanted; write its members as name: value, indented, a line each");
      return std::nullopt;
    }
    static const boost::json::object nothing;
    return read_members(value.is_null() ? nothing : value.get_object(), at);
  }

  [[nodiscard]] boost::json::value print(const S& value) const {
    boost::json::object result;
    for (const auto& m : members())
      if (auto printed = m.print(value); !printed.is_null()) result[m.name] = std::move(printed);
    return result;
  }

  void describe(const std::string& path, std::vector<described_member>& out) const {
    for (const auto& m : members()) m.describe(member_path(path, m.name), out);
  }

private:
  [[nodiscard]] S read_members(const boost::json::object& object, const place& at) const {
    S result{};
    std::vector<std::string_view> names;
    for (const auto& m : members()) names.push_back(m.name);
    std::vector<std::string_view> mistyped; // members that are left out, and probably meant by a name that is not known
    for (const auto& [name, ignored] : object) {
      if (std::ranges::find(names, std::string_view(name)) != names.end()) continue;
      const auto meant = nearest(name, names);
      const bool missing = !meant.empty() && !object.contains(meant);
      if (missing) mistyped.push_back(meant);
      at.member(name).refuse_name("is not known here; " + known_names(name, names),
                                  missing ? at.member(meant).path() : std::string());
    }
    for (const auto& m : members()) {
      const auto here = at.member(m.name);
      const auto* const value = object.if_contains(m.name);
      if (std::ranges::find(mistyped, m.name) != mistyped.end()) continue;
      if (value == nullptr && !m.missing.empty()) here.refuse(m.missing);
      if (value == nullptr && m.read_missing) m.read(nullptr, result, here);
      if (value != nullptr && here.usable()) m.read(*value, result, here);
    }
    return result;
  }
};

template <class S, class T>
member<S> group(std::string_view name, T S::* target, const table<T>& (*members)()) {
  return optional(name, target, group_kind<T>{members});
}

// A section that has required members of its own, and says so where it is left out.
template <class S, class T>
member<S> required_group(std::string_view name, T S::* target, const table<T>& (*members)()) {
  auto result = group(name, target, members);
  result.read_missing = true;
  result.describe = [members](const std::string& path, std::vector<described_member>& out) {
    out.push_back({path, true});
    group_kind<T>{members}.describe(path, out);
  };
  return result;
}

// A list of mappings.
template <class S, class T>
member<S> groups(std::string_view name, std::vector<T> S::* target, const table<T>& (*members)()) {
  auto result = optional(name, target, list_kind<group_kind<T>>{.element = {members}});
  result.describe = [members](const std::string& path, std::vector<described_member>& out) {
    out.push_back({path, false});
    group_kind<T>{members}.describe(path + "[]", out);
  };
  return result;
}

} // namespace tocsin::config
