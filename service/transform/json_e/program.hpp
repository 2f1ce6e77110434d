#pragma once

#include "transform/json_e/arena.hpp"
#include "transform/json_e/value.hpp"

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <new>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What compiling makes: trees of plain nodes. They lie in the program's arena, refer to each other by pointer, and never change
// once compiling is done.
namespace tocsin::json_e {

enum class opcode : std::uint8_t {
  constant,
  member,   // a variable that no $let or each(..) around can bind: `name`
  variable, // one that these may bind, too: `name`
  reserved, // a reserved name: `slot`
  now,
  negate,   // left
  identity, // left: unary +
  logical_not,
  logical_or, // left, right
  logical_and,
  contains, // left in right
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  add,
  subtract,
  multiply,
  divide,
  power,      // left ** right
  property,   // left . name
  index,      // left [ right ]
  slice,      // left [ items[0] : items[1] ], either may be null
  array,      // items
  object,     // names, items
  call,       // callee, items
  call_name,  // name if $let or each(..) binds it, callee otherwise; items
  call_value, // left, items
};

struct expr {
  opcode code = opcode::constant;
  bool foldable = false; // depends on nothing but itself
  std::uint16_t depth = 1;
  std::uint32_t slot = 0;
  value literal;
  std::string_view name;
  std::string_view source; // as it was written, for messages
  expr* left = nullptr;
  expr* right = nullptr;
  std::span<expr* const> items;
  std::span<const std::string_view> names;
  const function* callee = nullptr;
  const RE2* pattern = nullptr; // of a function that takes one
};

enum class operation : std::uint8_t {
  constant, // literal, and its JSON text
  text,     // parts
  eval,
  array,  // items
  object, // members
  if_,    // expression, then, otherwise
  switch_,
  match,
  map, // operand, names, body
  reduce,
  find, // operand, names, expression
  let,  // operand, body
  merge,
  merge_deep,
  sort, // operand; names and expression, if there is by(..)
  reverse,
  flatten,
  flatten_deep,
  from_now, // operand, body: `from`
  json,
};

// A piece of an interpolated string: text, or the value of an expression.
struct part {
  std::string_view text;
  std::string_view escaped; // the text as it stands inside JSON's quotes
  expr* expression = nullptr;
};

struct node;

struct member {
  std::string_view name;            // where the name is constant
  std::span<const part> name_parts; // where it is not
  expr* condition = nullptr;        // of $match and $switch; null: $default
  node* item = nullptr;
};

// An object with constant names is written in runs: text as it is, then a member that has to be rendered.
struct run {
  std::string_view text;     // constant members and the name of the rendered one, each with a comma in front
  std::size_t name_size = 0; // how much of the text is that name: taken back where the member is left out
  node* item = nullptr;      // null at the end
};

struct node {
  operation code = operation::constant;
  bool foldable = false;
  value literal;
  std::string_view text;
  std::string_view pointer; // into the template
  expr* expression = nullptr;
  node* operand = nullptr;
  node* body = nullptr;
  node* otherwise = nullptr;
  std::span<const part> parts;
  std::span<node* const> items;
  std::span<const member> members;
  std::span<const run> runs; // of an object whose names are all constant
  std::string_view names[3];
  std::size_t name_count = 0;
};

class program {
public:
  explicit program(std::size_t memory_limit) : memory(memory_limit, std::size_t{4} << 10) {}

  // Space that must be there: a template that needs more throws std::bad_alloc.
  template <class T>
  T* make() {
    return new (allocate(sizeof(T), alignof(T))) T();
  }
  template <class T>
  std::span<T> make_array(const std::vector<T>& items) {
    T* place = static_cast<T*>(allocate(items.size() * sizeof(T), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), place);
    return {place, items.size()};
  }
  std::string_view keep(std::string_view text);
  // A deep copy in the program's memory.
  value keep(const value& item);

  arena memory;
  std::vector<std::unique_ptr<const RE2>> patterns;
  std::set<std::string, std::less<>> used_names;
  std::vector<std::string> reserved; // the vocabulary's
  std::string source;                // of an expression
  expr* expression = nullptr;
  node* root = nullptr;

private:
  void* allocate(std::size_t bytes, std::size_t alignment) {
    return static_cast<boost::json::memory_resource&>(memory).allocate(bytes, alignment);
  }
};

} // namespace tocsin::json_e
