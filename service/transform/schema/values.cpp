#include "transform/schema/values.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace tocsin::schema::detail {

namespace json = boost::json;

namespace {

// The sign and magnitude of an integer, or a double.
std::strong_ordering compare_integers(const json::value& a, const json::value& b) noexcept {
  const bool below_a = a.is_int64() && a.get_int64() < 0;
  const bool below_b = b.is_int64() && b.get_int64() < 0;
  if (below_a != below_b) return below_a ? std::strong_ordering::less : std::strong_ordering::greater;
  if (below_a) return a.get_int64() <=> b.get_int64();
  const auto magnitude = [](const json::value& v) {
    return v.is_uint64() ? v.get_uint64() : static_cast<std::uint64_t>(v.get_int64());
  };
  return magnitude(a) <=> magnitude(b);
}

std::strong_ordering compare_integer_to_double(const json::value& integer, double d) noexcept {
  if (std::isnan(d)) return std::strong_ordering::less;
  constexpr double two_63 = 9223372036854775808.0, two_64 = 18446744073709551616.0;
  if (d >= two_64) return std::strong_ordering::less;
  if (d < -two_63) return std::strong_ordering::greater;
  const double whole = std::floor(d);
  const json::value floor =
      whole < 0 ? json::value(static_cast<std::int64_t>(whole)) : json::value(static_cast<std::uint64_t>(whole));
  const auto order = compare_integers(integer, floor);
  if (order == std::strong_ordering::equal && d > whole) return std::strong_ordering::less;
  return order;
}

// A number as digits * 10^exponent, digits without trailing zeros.
struct decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

decimal to_decimal(const json::value& v) noexcept {
  decimal result;
  if (v.is_double()) {
    std::array<char, 40> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(v.get_double()), std::chars_format::scientific).ptr;
    const char* at = text.data();
    for (bool fraction = false; at != end && *at != 'e'; ++at) {
      if (*at == '.') {
        fraction = true;
        continue;
      }
      result.digits = result.digits * 10 + static_cast<std::uint64_t>(*at - '0');
      if (fraction) --result.exponent;
    }
    int power = 0;
    if (at != end) {
      ++at; // 'e'
      if (*at == '+') ++at;
      std::from_chars(at, end, power);
    }
    result.exponent += power;
  } else {
    result.digits = v.is_uint64()       ? v.get_uint64()
                    : v.get_int64() < 0 ? ~static_cast<std::uint64_t>(v.get_int64()) + 1
                                        : static_cast<std::uint64_t>(v.get_int64());
  }
  if (result.digits == 0) return {};
  for (; result.digits % 10 == 0; result.digits /= 10) ++result.exponent;
  return result;
}

__extension__ using wide = unsigned __int128;

// digits * 10^power modulo divisor
std::uint64_t scaled_modulo(std::uint64_t digits, int power, std::uint64_t divisor) noexcept {
  wide result = digits % divisor, base = 10 % divisor;
  for (; power != 0; power >>= 1) {
    if (power & 1) result = result * base % divisor;
    base = base * base % divisor;
  }
  return static_cast<std::uint64_t>(result);
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const wide product = static_cast<wide>(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xd6e8feb86659fd93U);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t result = mix(seed, text.size());
  while (!text.empty()) {
    std::uint64_t chunk = 0;
    const std::size_t taken = std::min<std::size_t>(8, text.size());
    std::memcpy(&chunk, text.data(), taken);
    result = mix(result ^ chunk, seed);
    text.remove_prefix(taken);
  }
  return result;
}

} // namespace

std::strong_ordering compare_numbers(const json::value& a, const json::value& b) noexcept {
  if (!a.is_double()) return b.is_double() ? compare_integer_to_double(a, b.get_double()) : compare_integers(a, b);
  if (!b.is_double()) return 0 <=> compare_integer_to_double(b, a.get_double());
  const double x = a.get_double(), y = b.get_double();
  if (std::isnan(x) || std::isnan(y))
    return std::bit_cast<std::uint64_t>(x) <=> std::bit_cast<std::uint64_t>(y); // marked numbers
  return x < y ? std::strong_ordering::less : x > y ? std::strong_ordering::greater : std::strong_ordering::equal;
}

bool equal(const json::value& a, const json::value& b) noexcept {
  if (a.is_number()) return b.is_number() && compare_numbers(a, b) == std::strong_ordering::equal;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
  case json::kind::null: return true;
  case json::kind::bool_: return a.get_bool() == b.get_bool();
  case json::kind::string: return a.get_string() == b.get_string();
  case json::kind::array: {
    const auto &x = a.get_array(), &y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
  }
  default: break;
  }
  const auto &x = a.get_object(), &y = b.get_object();
  if (x.size() != y.size()) return false;
  for (const auto& member : x) {
    const json::value* other = y.if_contains(member.key());
    if (!other || !equal(member.value(), *other)) return false;
  }
  return true;
}

std::uint64_t hash(const json::value& v, std::uint64_t seed) noexcept {
  switch (v.kind()) {
  case json::kind::null: return mix(seed, 1);
  case json::kind::bool_: return mix(seed, v.get_bool() ? 2 : 3);
  case json::kind::int64:
  case json::kind::uint64:
  case json::kind::double_: return mix(seed, std::bit_cast<std::uint64_t>(v.to_number<double>() + 0.0)); // -0.0 is 0.0
  case json::kind::string: return hash_text(v.get_string(), seed);
  case json::kind::array: {
    std::uint64_t result = mix(seed, 4);
    for (const auto& element : v.get_array()) result = mix(result, hash(element, seed));
    return result;
  }
  default: break;
  }
  std::uint64_t sum = 5; // members in any order
  for (const auto& member : v.get_object()) sum += mix(hash_text(member.key(), seed), hash(member.value(), seed));
  return mix(seed, sum);
}

bool is_multiple(const json::value& value, const json::value& divisor) noexcept {
  decimal x = to_decimal(value);
  const decimal d = to_decimal(divisor);
  if (x.digits == 0 || (value.is_double() && std::isinf(value.get_double()))) return true;
  if (x.exponent >= d.exponent) return scaled_modulo(x.digits, x.exponent - d.exponent, d.digits) == 0;
  // value = x.digits * 10^-k of the divisor's unit with k > 0, and x.digits has no factor 10^1 left
  return false;
}

bool is_integral(double d) noexcept {
  return d == std::trunc(d);
} // an infinity stands for a number too large, which has no fraction

std::size_t length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  return count;
}

std::string_view kind_name(const json::value& v) noexcept {
  switch (v.kind()) {
  case json::kind::null: return "null";
  case json::kind::bool_: return "a boolean";
  case json::kind::string: return "a string";
  case json::kind::array: return "an array";
  case json::kind::object: return "an object";
  default: return "a number";
  }
}

namespace {
std::string cut(std::string text, std::size_t limit) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U && count++ == limit) break;
  }
  if (at < text.size()) text.replace(at, std::string::npos, "…");
  return text;
}
} // namespace

std::string shown(const json::value& v, std::size_t limit) { return cut(json::serialize(v), limit); }

std::string in_quotes(std::string_view name) { return cut(json::serialize(json::string_view(name)), 80); }

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

} // namespace tocsin::schema::detail
