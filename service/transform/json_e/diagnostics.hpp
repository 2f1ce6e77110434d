#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>

namespace tocsin::json_e {

// What is wrong with a template or an expression, found before the first event.
struct compile_error {
  std::string pointer;    // JSON pointer (RFC 6901) into the template; empty for a bare expression and for the template's root
  std::string expression; // the expression at fault; empty where the fault is the template's shape
  std::size_t column = 0; // 1-based, in code points, into `expression`; 0 without an expression
  std::string message;    // names the thing, and the nearest known name where one is near

  // Several lines without a trailing newline: where and what, then the expression with a caret under the column.
  std::string to_string() const;
};

// Why an event could not be evaluated. Refuses that event and no other.
struct evaluation_error {
  std::string pointer; // JSON pointer into the template; empty for a bare expression
  std::string message; // names types, and at most 80 characters of a value's content

  // "pointer: message", or the message alone.
  std::string to_string() const;
};

template <class T>
using compiled = boost::system::result<T, compile_error>;
template <class T>
using evaluated = boost::system::result<T, evaluation_error>;

// What result::value() throws (std::runtime_error with to_string()): taking the value of a failure is a bug.
[[noreturn]] void throw_exception_from_error(const compile_error& error, const boost::source_location& where);
[[noreturn]] void throw_exception_from_error(const evaluation_error& error, const boost::source_location& where);

} // namespace tocsin::json_e
