#pragma once

#include "transform/json_e/value.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin::json_e {

class evaluator;
struct frame;
struct expr;

// One call: the arguments are as many as the function takes.
struct call {
  evaluator& machine;
  std::span<const value> arguments;
  const frame* scope;
  const expr& site;
};

enum class origin : std::uint8_t {
  json_e, // a built-in of the language: a value that has a name, and that members of that name hide
  ours,   // an addition: it exists only where it is called
};

struct function {
  std::string_view name;
  std::string_view usage; // "split(text, separator)"
  std::uint8_t least;     // arguments
  std::uint8_t most;
  value (*run)(const call& site);
  origin from = origin::json_e;
  bool pure = true;         // the same arguments give the same value
  std::uint8_t pattern = 0; // the argument, from 1, that is a regular expression and must be a literal; 0: none
};

inline constexpr std::uint8_t any_number = 255;

[[nodiscard]] const function* find_function(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string_view> function_names();

// The tables that find_function() looks through, by subject.
std::span<const function> built_ins() noexcept;
std::span<const function> text_functions() noexcept;
std::span<const function> time_functions() noexcept;
std::span<const function> encoding_functions() noexcept;
std::span<const function> json_functions() noexcept;

} // namespace tocsin::json_e
