#include "config/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace tocsin::config {
namespace {

// Whether the value at `inner` is the one at `outer`, or stands in it.
bool within(std::string_view inner, std::string_view outer) {
  if (outer.empty()) return true;
  if (!inner.starts_with(outer)) return false;
  return inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[';
}

bool touches(std::string_view fault, std::string_view path) { return within(fault, path) || within(path, fault); }

std::string parent_of(const std::string& path) {
  const auto end = path.find_last_of(".[");
  return end == std::string::npos ? std::string() : path.substr(0, end);
}

} // namespace

bool is_sound(const config_errors& told, std::string_view path) {
  return std::ranges::none_of(
      told, [&](const auto& e) { return touches(e.path, path) || (!e.meant.empty() && touches(e.meant, path)); });
}

int line_of(const line_table& lines, std::string_view path) {
  for (std::string at(path);; at = parent_of(at)) {
    if (const auto found = lines.find(at); found != lines.end()) return found->second;
    if (at.empty()) return 0;
  }
}

void add_faults(config_errors& told, config_errors found, const line_table& lines) {
  std::erase_if(found, [&](const auto& error) { return !is_sound(told, error.path); });
  for (auto& error : found) {
    error.line = line_of(lines, error.path);
    told.push_back(std::move(error));
  }
  sort_faults(told);
}

void sort_faults(config_errors& errors) {
  std::ranges::sort(errors, {}, [](const config_error& e) { return std::tie(e.line, e.path, e.message); });
}

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
