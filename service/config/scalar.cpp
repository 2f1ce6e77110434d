#include "config/scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace tocsin::config {
namespace {

namespace json = boost::json;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Takes the whole text; `base` is for integers.
template <class T, class... Base>
std::optional<T> number_of(std::string_view text, Base... base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_number(std::string_view text) noexcept {
  const auto digits = [&] {
    const auto count = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto before = digits();
  std::size_t after = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    after = digits();
  }
  if (before + after == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

std::optional<json::value> number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    const auto value = number_of<std::uint64_t>(text.substr(2), text[1] == 'x' ? 16 : 8);
    return value ? std::optional<json::value>(*value) : std::nullopt;
  }
  if (!is_number(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto value = number_of<std::int64_t>(text)) return *value;
  if (const auto value = number_of<std::uint64_t>(text)) return *value;
  if (const auto value = number_of<double>(text); value && std::isfinite(*value)) return *value;
  return std::nullopt;
}

} // namespace

json::value plain_scalar(std::string_view text) {
  for (const auto* const null : {"", "~", "null", "Null", "NULL"})
    if (text == null) return nullptr;
  for (const auto* const yes : {"true", "True", "TRUE"})
    if (text == yes) return true;
  for (const auto* const no : {"false", "False", "FALSE"})
    if (text == no) return false;
  if (auto value = number(text)) return *std::move(value);
  return json::value(json::string(text));
}

} // namespace tocsin::config
