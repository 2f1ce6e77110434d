// JSON values as JSON Schema sees them: numbers by value, objects without order.
#pragma once

#include <boost/json/value.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::schema::detail {

// Both are numbers. Exact across int64, uint64 and double.
[[nodiscard]] std::strong_ordering compare_numbers(const boost::json::value&, const boost::json::value&) noexcept;

// Equal as JSON Schema has it: 1 is 1.0, the order of members does not matter.
[[nodiscard]] bool equal(const boost::json::value&, const boost::json::value&) noexcept;

// Equal values have equal hashes.
[[nodiscard]] std::uint64_t hash(const boost::json::value&, std::uint64_t seed) noexcept;

// Whether value / divisor is an integer, computed on their shortest decimal forms: 0.0075 is a multiple of 0.0001. divisor > 0.
[[nodiscard]] bool is_multiple(const boost::json::value& value, const boost::json::value& divisor) noexcept;

[[nodiscard]] bool is_integral(double) noexcept;

// Code points of UTF-8 text.
[[nodiscard]] std::size_t length(std::string_view) noexcept;

// "null", "a boolean", "a number", "a string", "an array", "an object".
[[nodiscard]] std::string_view kind_name(const boost::json::value&) noexcept;

// The value's JSON text, cut at `limit` characters.
[[nodiscard]] std::string shown(const boost::json::value&, std::size_t limit = 80);

// `name` in quotes, cut at 80 characters.
[[nodiscard]] std::string in_quotes(std::string_view name);

// Appends "/token", escaped (RFC 6901).
void append_pointer(std::string& pointer, std::string_view token);

} // namespace tocsin::schema::detail
