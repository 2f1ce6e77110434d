#pragma once

#include "transform/json_e/diagnostics.hpp"
#include "transform/json_e/limits.hpp"
#include "transform/json_e/value.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace tocsin::json_e {

// JSON's text of a string, quotes included. The text is UTF-8 and stays so; only quote, backslash and control characters are
// escaped.
void append_quoted(std::string& out, std::string_view text);
// The same without the quotes.
void append_escaped(std::string& out, std::string_view text);
// JSON's text of a number: an integer as it is; a double in the shortest form that reads back as the same double, with a point or
// an exponent, so that it stays a double.
void append_number(std::string& out, std::int64_t number);
void append_number(std::string& out, std::uint64_t number);
void append_number(std::string& out, double number);
// A double as text for people, as JavaScript writes it: 3.0 is "3", 1e21 is "1e+21".
void append_plain(std::string& out, double number);

// The JSON text of a value. Refuses functions, absent values, marked numbers, a depth or size beyond the limits; `out` is then
// unspecified beyond its former end.
enum class number_style {
  typed, // append_number: a double stays one
  plain, // append_plain: 3.0 is 3
};
evaluated<void> append_json(std::string& out, const value& item, const limits& bounds = {},
                            number_style style = number_style::typed);
// A value of its own. Refuses as append_json does.
evaluated<boost::json::value> to_json(const value& item, boost::json::storage_ptr storage = {}, const limits& bounds = {});

} // namespace tocsin::json_e
