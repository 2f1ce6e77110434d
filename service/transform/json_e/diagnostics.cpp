#include "transform/json_e/diagnostics.hpp"

#include <boost/throw_exception.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace tocsin::json_e {

std::string compile_error::to_string() const {
  std::string text = pointer.empty() ? message : fmt::format("{}: {}", pointer, message);
  if (expression.empty() || column == 0) return text;
  // One line with the fault: tabs and line breaks would put the caret in the wrong place.
  std::string line;
  for (const char c : expression) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return fmt::format("{}\n  {}\n  {:>{}}", text, line, '^', column);
}

std::string evaluation_error::to_string() const { return pointer.empty() ? message : fmt::format("{}: {}", pointer, message); }

void throw_exception_from_error(const compile_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.to_string()), where);
}

void throw_exception_from_error(const evaluation_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.to_string()), where);
}

} // namespace tocsin::json_e
