#include "config/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace tocsin::config {
namespace {

bool is_name(std::string_view text) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text[0]) && std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c); });
}

} // namespace

environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

void throw_exception_from_error(const substitution_error& error, const boost::source_location&) {
  throw std::logic_error(error.message);
}

boost::system::result<std::string, substitution_error> substitute(std::string_view text, const environment& variables) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out += "${";
      text.remove_prefix(3);
      continue;
    }
    if (!text.starts_with("${")) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos)
      return substitution_error{"holds a ${ without its }; write ${NAME} for an environment variable, or $${ for the text ${"};
    const auto inside = text.substr(2, end - 2);
    const auto mark = inside.find(":-");
    const auto name = inside.substr(0, mark);
    if (!is_name(name))
      return substitution_error{
          fmt::format("${{{}}} does not name an environment variable; write ${{NAME}} or ${{NAME:-default}}, or "
                      "$${{ for the text ${{",
                      inside)};
    auto value = variables(name);
    if (mark != std::string_view::npos) {
      out += value && !value->empty() ? *value : inside.substr(mark + 2);
    } else if (value) {
      out += *value;
    } else {
      return substitution_error{
          fmt::format("the environment variable {0} is not set; set it, or give a default: ${{{0}:-default}}", name)};
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

} // namespace tocsin::config
