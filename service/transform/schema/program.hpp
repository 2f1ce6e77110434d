// What a schema is compiled to: nodes and per-kind rules in flat tables, reached by index. References have vanished: a node that
// referred to another is that other. Made by the compiler, read by the evaluator, never changed in between.
#pragma once

#include "transform/schema/name_table.hpp"

#include <boost/json/value.hpp>
#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::schema::detail {

using index = std::uint32_t;
inline constexpr index none = ~index{0};
inline constexpr std::uint64_t unbounded = ~std::uint64_t{0};

// The types of draft 7 as bits. A double without a fraction is an integer.
enum type_bit : std::uint8_t {
  null_bit = 1,
  boolean_bit = 2,
  integer_bit = 4,
  fraction_bit = 8,
  string_bit = 16,
  array_bit = 32,
  object_bit = 64,
  number_bits = integer_bit | fraction_bit,
  all_types = 127
};

// A set of values for enum and const, by kind, so that looking one up does not depend on its size.
struct value_set {
  bool null = false, yes = false, no = false, empty_array = false, empty_object = false;
  name_table strings;
  std::vector<boost::json::value> numbers, compounds;
  std::string text; // the set as it is shown to people
};

struct numeric_rules {
  std::optional<boost::json::value> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

using format_check = bool (*)(std::string_view);

struct string_rules {
  std::uint64_t min_length = 0, max_length = unbounded; // code points
  std::unique_ptr<RE2> pattern;
  std::string pattern_text;
  format_check format = nullptr;
  std::string format_name;
};

struct array_rules {
  std::uint64_t min_items = 0, max_items = unbounded;
  bool unique = false;
  index items = none;       // of every element…
  std::vector<index> tuple; // …or of the first ones, one each…
  index additional = none;  // …and of those behind them
  index contains = none;
};

struct property {
  index node = none; // none: any value
  bool required = false;
};

struct pattern_property {
  std::unique_ptr<RE2> pattern;
  index node = none;
};

struct dependency {
  std::string name;
  std::vector<std::string> members; // must be there as well…
  index node = none;                // …or must hold for the object
};

struct object_rules {
  std::uint64_t min_properties = 0, max_properties = unbounded;
  name_table names;                 // properties and required, together
  std::vector<property> properties; // in the order of names
  std::size_t required = 0;         // how many of them
  std::vector<pattern_property> patterns;
  index additional = none;
  index property_names = none;
  std::vector<dependency> dependencies;
};

enum class combinator : std::uint8_t { in_set, all_of, any_of, one_of, negation, conditional };

struct instruction {
  combinator what;
  bool is_const = false;    // in_set: how it is called
  index set = none;         // in_set
  std::vector<index> nodes; // conditional: if, then, else (none where absent)
};

struct node {
  std::uint8_t types = all_types;
  bool typed = false; // `type` was said
  bool never = false; // the schema `false`
  index numeric = none, string = none, array = none, object = none;
  std::vector<instruction> general;
  index document = 0;
  std::string pointer;   // where it stands in its document
  std::string type_text; // "a string or null"

  void text_of_types(std::string_view name) {
    if (!type_text.empty()) type_text += " or ";
    if (name != "null") type_text += name.find_first_of("aio") == 0 ? "an " : "a ";
    type_text += name;
  }
};

struct program {
  std::vector<node> nodes;
  std::vector<value_set> sets;
  std::vector<numeric_rules> numerics;
  std::vector<string_rules> strings;
  std::vector<array_rules> arrays;
  std::vector<object_rules> objects;
  std::vector<std::string> documents; // their names for people; the first is empty
  index root = 0;
  std::uint64_t max_steps = 0;
  double (*nearest)(double) = nullptr; // schema_options::nearest
  std::uint64_t seed = 0;              // of the hashes behind uniqueItems, so that no event can be made to collide
};

} // namespace tocsin::schema::detail
