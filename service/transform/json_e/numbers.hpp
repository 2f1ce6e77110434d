#pragma once

#include "transform/json_e/value.hpp"

#include <compare>
#include <optional>
#include <string_view>

// Arithmetic that is exact or refused: integers are never rounded, nothing becomes infinite or vanishes.
namespace tocsin::json_e {

enum class arithmetic { add, subtract, multiply, divide, power };

enum class number_fault {
  none,
  beyond_64_bits, // an integer result that neither int64 nor uint64 holds
  overflow,       // beyond the largest double
  underflow,      // other than zero, and rounded to zero
  division_by_zero,
  not_real, // an even root of a negative number
  marked,   // an operand that no 64 bits hold (json_reader.hpp)
};
[[nodiscard]] std::string_view explain(number_fault fault) noexcept;

struct number_result {
  value number;
  number_fault fault = number_fault::none;
};

// Both are numbers. Integers give integers, a quotient included where it is whole; otherwise doubles.
[[nodiscard]] number_result calculate(arithmetic what, const value& left, const value& right) noexcept;
[[nodiscard]] number_result negate(const value& number) noexcept;
[[nodiscard]] number_result absolute(const value& number) noexcept;
[[nodiscard]] number_result square_root(const value& number) noexcept;
enum class rounding { down, up };
[[nodiscard]] number_result to_integer(rounding direction, const value& number) noexcept;

// By value, whatever the kinds: exact between integers and doubles. Nothing where marked numbers cannot be told apart.
[[nodiscard]] std::optional<std::strong_ordering> compare_numbers(const value& left, const value& right) noexcept;

// A decimal number, white space around it allowed: an integer stays one. Nothing where the text is none or no 64 bits hold it.
[[nodiscard]] std::optional<value> parse_number(std::string_view text) noexcept;

// The integer that the value is, be it written 3 or 3.0. Nothing where it is none, or beyond int64.
[[nodiscard]] std::optional<std::int64_t> whole_number(const value& number) noexcept;

} // namespace tocsin::json_e
