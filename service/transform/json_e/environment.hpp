#pragma once

#include "transform/json_e/arena.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/limits.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::json_e {

// The names an expression may use, known when it is compiled. Beyond these there are always JSON-e's built-in functions and
// `now`, which members of the same name hide, and our own functions (docs/mapping.md), which exist only where they are called.
struct vocabulary {
  // Names that win over members of the same name; their values come with each environment, in this order.
  std::vector<std::string> reserved;
  // All members of those reserved names whose members are known before any event: another one is a compile error.
  std::map<std::string, std::vector<std::string>, std::less<>> members_of;
  // The members there can be; none given: any. Where given, another name is a compile error.
  std::optional<std::vector<std::string>> members;

  static vocabulary open() { return {}; } // JSON-e as it is
  // Mappings, order keys, skip rules. Without tables, `tables` is a member of the event like any other.
  static vocabulary event(std::vector<std::string> tables = {}) {
    if (tables.empty()) return {{"event", "kafka"}, {}, {}};
    return {{"event", "kafka", "tables"}, {{"tables", std::move(tables)}}, {}};
  }
  static vocabulary response() { return {{}, {}, std::vector<std::string>{"status", "headers", "body"}}; }
};

enum class member_names {
  any,         // names that are no identifiers are simply not reachable as variables
  identifiers, // such a name refuses the evaluation, as JSON-e wants it of a context
};

// What the names stand for, for one evaluation. Only refers to things; they live until the evaluation's result is done with.
struct environment {
  // The variables: an event's top-level members, or status, headers and body. Null: none.
  const boost::json::object* members = nullptr;
  // The values of vocabulary::reserved, in its order. Null, or beyond the end: not defined.
  std::span<const boost::json::value* const> reserved;
  // The time that `now` and fromNow() start from.
  std::chrono::sys_time<std::chrono::milliseconds> now;
  member_names names = member_names::any;
};

// What evaluations need besides: memory and a JSON reader, kept from event to event. Values and errors may refer into its memory:
// reset() between events, not before the event's results are done with. One evaluation at a time. Not movable.
struct scratch {
  explicit scratch(const limits& bounds_ = {}) : bounds(bounds_), memory(bounds_.memory), reader(bounds_.value_depth) {}
  void reset() noexcept { memory.reset(); }

  limits bounds;
  arena memory;
  json_reader reader;
};

} // namespace tocsin::json_e
