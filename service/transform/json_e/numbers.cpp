#include "transform/json_e/numbers.hpp"

#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/unicode.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace tocsin::json_e {
namespace {

__extension__ using wide = __int128;

constexpr wide int64_min = std::numeric_limits<std::int64_t>::min();
constexpr wide int64_max = std::numeric_limits<std::int64_t>::max();
constexpr wide uint64_max = std::numeric_limits<std::uint64_t>::max();
constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

wide integer(const value& number) noexcept {
  return number.kind() == value::kind::int64 ? wide{number.as_int64()} : wide{number.as_uint64()};
}

double real(const value& number) noexcept {
  switch (number.kind()) {
  case value::kind::int64: return static_cast<double>(number.as_int64());
  case value::kind::uint64: return static_cast<double>(number.as_uint64());
  default: return number.as_real();
  }
}

number_result exact(wide number) noexcept {
  if (number >= int64_min && number <= int64_max) return {value::of(static_cast<std::int64_t>(number))};
  if (number >= 0 && number <= uint64_max) return {value::of(static_cast<std::uint64_t>(number))};
  return {value::none(), number_fault::beyond_64_bits};
}

enum class zero { expected, underflow };
number_result rounded(double number, zero meaning = zero::expected) noexcept {
  if (std::isnan(number)) return {value::none(), number_fault::not_real};
  if (std::isinf(number)) return {value::none(), number_fault::overflow};
  if (number == 0 && meaning == zero::underflow) return {value::none(), number_fault::underflow};
  return {value::of(number)};
}

// The double nearest to the quotient of two integers, which themselves may be no doubles: 127 bits of the dividend give a
// quotient of 63 bits and more, whose last bit tells whether there is a rest; one conversion then rounds once.
double quotient(wide dividend, wide divisor) noexcept {
  constexpr wide exact = wide{1} << 53;
  if (-exact <= dividend && dividend <= exact && -exact <= divisor && divisor <= exact)
    return static_cast<double>(dividend) / static_cast<double>(divisor); // both are doubles: IEEE 754 rounds once
  __extension__ using natural = unsigned __int128;
  const auto magnitude = [](wide number) { return number < 0 ? -static_cast<natural>(number) : static_cast<natural>(number); };
  natural above = magnitude(dividend);
  const natural below = magnitude(divisor);
  int shift = 0;
  for (; above != 0 && (above >> 126U) == 0; above <<= 1U) ++shift;
  const natural whole = above / below | (above % below != 0 ? 1U : 0U);
  const double size = std::ldexp(static_cast<double>(whole), -shift);
  return (dividend < 0) != (divisor < 0) ? -size : size;
}

number_result integer_power(wide base, wide exponent) noexcept {
  wide result = 1;
  bool too_large = false; // of `base`: matters only where it is used
  while (exponent > 0) {
    if ((exponent & 1) != 0) {
      if (too_large || __builtin_mul_overflow(result, base, &result)) return {value::none(), number_fault::beyond_64_bits};
    }
    exponent >>= 1;
    too_large = too_large || __builtin_mul_overflow(base, base, &base);
  }
  return exact(result);
}

number_result power(const value& base, const value& exponent) noexcept {
  if (base.is_integer() && exponent.is_integer() && integer(exponent) >= 0)
    return integer_power(integer(base), integer(exponent));
  const double from = real(base);
  if (from == 0 && real(exponent) < 0) return {value::none(), number_fault::division_by_zero};
  return rounded(std::pow(from, real(exponent)), from == 0 ? zero::expected : zero::underflow);
}

std::optional<std::strong_ordering> ordering(std::partial_ordering order) noexcept {
  if (order == std::partial_ordering::less) return std::strong_ordering::less;
  if (order == std::partial_ordering::greater) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

std::strong_ordering compare_wide(wide left, wide right) noexcept {
  if (left == right) return std::strong_ordering::equal;
  return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::strong_ordering compare(wide left, double right) noexcept {
  if (right >= two_to_64) return std::strong_ordering::less;
  if (right < -two_to_63) return std::strong_ordering::greater;
  const double whole = std::trunc(right);
  const auto order = compare_wide(left, static_cast<wide>(whole));
  if (order != 0 || whole == right) return order;
  return right > whole ? std::strong_ordering::less : std::strong_ordering::greater;
}

// The sign of a number that is zero but for being too small: 0 for a zero.
int sign_of_nothing(const value& number) noexcept {
  if (number.kind() != value::kind::marked) return 0;
  return marked_text(number.as_real()).starts_with('-') ? -1 : 1;
}

std::optional<std::strong_ordering> compare_marked(const value& left, const value& right) noexcept {
  const bool both = left.kind() == right.kind();
  if (both && marked_text(left.as_real()) == marked_text(right.as_real())) return std::strong_ordering::equal;
  const double a = left.kind() == value::kind::marked ? nearest(left.as_real()) : real(left);
  const double b = right.kind() == value::kind::marked ? nearest(right.as_real()) : real(right);
  if (a != b) return ordering(a <=> b);
  if (a == 0 && sign_of_nothing(left) != sign_of_nothing(right)) return sign_of_nothing(left) <=> sign_of_nothing(right);
  return std::nullopt;
}

} // namespace

std::string_view explain(number_fault fault) noexcept {
  switch (fault) {
  case number_fault::none: break;
  case number_fault::beyond_64_bits: return "the result is an integer beyond 64 bits";
  case number_fault::overflow: return "the result is beyond the largest number";
  case number_fault::underflow: return "the result is too close to zero for a number";
  case number_fault::division_by_zero: return "division by zero";
  case number_fault::not_real: return "the result is no real number";
  case number_fault::marked: return "a number beyond 64 bits cannot be calculated with";
  }
  return "";
}

number_result calculate(arithmetic what, const value& left, const value& right) noexcept {
  if (left.kind() == value::kind::marked || right.kind() == value::kind::marked) return {value::none(), number_fault::marked};
  const bool integers = left.is_integer() && right.is_integer();
  switch (what) {
  case arithmetic::add: return integers ? exact(integer(left) + integer(right)) : rounded(real(left) + real(right));
  case arithmetic::subtract: return integers ? exact(integer(left) - integer(right)) : rounded(real(left) - real(right));
  case arithmetic::multiply: {
    wide product = 0;
    if (!integers)
      return rounded(real(left) * real(right), real(left) == 0 || real(right) == 0 ? zero::expected : zero::underflow);
    if (__builtin_mul_overflow(integer(left), integer(right), &product)) return {value::none(), number_fault::beyond_64_bits};
    return exact(product);
  }
  case arithmetic::divide:
    if (real(right) == 0) return {value::none(), number_fault::division_by_zero};
    if (integers && integer(left) % integer(right) == 0) return exact(integer(left) / integer(right));
    if (integers) return rounded(quotient(integer(left), integer(right)));
    return rounded(real(left) / real(right), real(left) == 0 ? zero::expected : zero::underflow);
  case arithmetic::power: return power(left, right);
  }
  return {};
}

number_result negate(const value& number) noexcept {
  if (number.kind() == value::kind::marked) return {value::none(), number_fault::marked};
  return number.is_integer() ? exact(-integer(number)) : rounded(-number.as_real());
}

number_result absolute(const value& number) noexcept {
  if (number.kind() == value::kind::marked) return {value::none(), number_fault::marked};
  if (number.is_integer()) return exact(integer(number) < 0 ? -integer(number) : integer(number));
  return rounded(std::fabs(number.as_real()));
}

number_result square_root(const value& number) noexcept {
  if (number.kind() == value::kind::marked) return {value::none(), number_fault::marked};
  const double root = std::sqrt(real(number));
  if (number.is_integer() && root == std::trunc(root)) {
    const wide whole = static_cast<wide>(root);
    if (whole * whole == integer(number)) return exact(whole);
  }
  return rounded(root);
}

number_result to_integer(rounding direction, const value& number) noexcept {
  if (number.kind() == value::kind::marked) return {value::none(), number_fault::marked};
  if (number.is_integer()) return {number};
  const double whole = direction == rounding::down ? std::floor(number.as_real()) : std::ceil(number.as_real());
  if (whole < -two_to_63 || whole >= two_to_64) return {number}; // so large a double is whole already
  return exact(static_cast<wide>(whole));
}

std::optional<std::strong_ordering> compare_numbers(const value& left, const value& right) noexcept {
  if (left.kind() == value::kind::marked || right.kind() == value::kind::marked) return compare_marked(left, right);
  if (left.is_integer()) {
    if (right.is_integer()) return compare_wide(integer(left), integer(right));
    return compare(integer(left), right.as_real());
  }
  if (right.is_integer()) return 0 <=> compare(integer(right), left.as_real());
  return ordering(left.as_real() <=> right.as_real());
}

std::optional<value> parse_number(std::string_view text) noexcept {
  while (const std::size_t space = unicode::leading_space(text)) text.remove_prefix(space);
  while (const std::size_t space = unicode::trailing_space(text)) text.remove_suffix(space);
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t small = 0;
    if (const auto [stop, fault] = std::from_chars(text.data(), end, small); stop == end && fault == std::errc{})
      return value::of(small);
    std::uint64_t large = 0;
    if (const auto [stop, fault] = std::from_chars(text.data(), end, large); stop == end && fault == std::errc{})
      return value::of(large);
    return std::nullopt;
  }
  double number = 0;
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (stop != end || fault != std::errc{}) return std::nullopt;
  const std::string_view digits = text.substr(0, text.find_first_of("eE"));
  if (number == 0 && digits.find_first_of("123456789") != std::string_view::npos) return std::nullopt;
  return value::of(number);
}

std::optional<std::int64_t> whole_number(const value& number) noexcept {
  if (number.kind() == value::kind::int64) return number.as_int64();
  if (number.kind() != value::kind::real) return std::nullopt;
  const double real_number = number.as_real();
  if (real_number != std::trunc(real_number) || real_number < -two_to_63 || real_number >= two_to_63) return std::nullopt;
  return static_cast<std::int64_t>(real_number);
}

} // namespace tocsin::json_e
