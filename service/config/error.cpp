#include "config/error.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace tocsin::config {

void throw_exception_from_error(const config_errors& errors, const boost::source_location&) {
  throw std::logic_error(errors.empty() ? "no configuration" : to_text(errors.front(), "configuration"));
}

std::string to_text(const config_error& error, std::string_view file) {
  std::string text(file);
  if (error.line > 0) text += fmt::format(":{}", error.line);
  text += ": ";
  if (!error.path.empty()) text += error.path + ": ";
  return text + error.message;
}

} // namespace tocsin::config
