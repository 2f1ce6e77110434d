#include "transform/schema/format_grammar.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace tocsin::schema::detail {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Exactly `count` digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

} // namespace

bool is_date(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return false;
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  const int days = *month == 2 ? (leap ? 29 : 28) : (*month == 4 || *month == 6 || *month == 9 || *month == 11) ? 30 : 31;
  return *day <= days;
}

bool is_time(std::string_view text) noexcept {
  const auto hour = digits(text, 0, 2), minute = digits(text, 3, 2), second = digits(text, 6, 2);
  if (!hour || !minute || !second || text[2] != ':' || text[5] != ':' || *hour > 23 || *minute > 59 || *second > 60) return false;
  std::size_t at = 8;
  if (at < text.size() && text[at] == '.') {
    const std::size_t begin = ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin) return false;
  }
  int offset = 0;
  const std::string_view zone = text.substr(at);
  if (zone != "Z" && zone != "z") {
    const auto hours = digits(zone, 1, 2), minutes = digits(zone, 4, 2);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !hours || !minutes || *hours > 23 ||
        *minutes > 59)
      return false;
    offset = (*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
  }
  constexpr int day = 24 * 60;
  return *second < 60 || (*hour * 60 + *minute - offset + day) % day == day - 1;
}

bool is_date_time(std::string_view text) noexcept {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && is_date(text.substr(0, 10)) && is_time(text.substr(11));
}

bool is_hostname(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_digit(c) || is_letter(c) || c == '-'; })) return false;
    // RFC 5891 4.2.3.1: hyphens in the third and fourth place belong to A-labels
    if (label.size() >= 4 && label.substr(2, 2) == "--" && !((label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n')) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_ipv4(std::string_view text) noexcept {
  for (int part = 0; part < 4; ++part) {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = count >= 1 && count <= 3 ? digits(text, 0, count) : std::nullopt;
    if (!value || *value > 255 || (count > 1 && text[0] == '0')) return false;
    text.remove_prefix(count);
    if (part < 3) {
      if (text.empty() || text[0] != '.') return false;
      text.remove_prefix(1);
    }
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) noexcept {
  int groups = 0;
  bool shortened = false;
  if (text.starts_with("::")) {
    shortened = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  while (true) {
    const std::size_t count = std::min(text.find_first_of(":."), text.size());
    if (count < text.size() && text[count] == '.') return is_ipv4(text) && (shortened ? groups + 2 < 8 : groups + 2 == 8);
    if (count < 1 || count > 4 || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_hex))
      return false;
    ++groups;
    text.remove_prefix(count);
    if (text.empty()) return shortened ? groups < 8 : groups == 8;
    text.remove_prefix(1);
    if (text.starts_with(':')) {
      if (shortened) return false;
      shortened = true;
      text.remove_prefix(1);
      if (text.empty()) return groups < 8;
    }
    if (text.empty() || groups > 8) return false;
  }
}

bool matches_email(std::string_view text, characters set) noexcept {
  const auto letter = [set](char c) { return is_digit(c) || is_letter(c) || (set == characters::unicode && beyond_ascii(c)); };
  std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (local.size() >= 2 && local.front() == '"' && local.back() == '"') {
    local = local.substr(1, local.size() - 2);
    for (std::size_t i = 0; i < local.size(); ++i) {
      const char c = local[i];
      if (c == '\\' && (++i == local.size() || local[i] < ' ' || local[i] == 0x7f)) return false;
      if (c == '"' || (c < ' ' && !(set == characters::unicode && beyond_ascii(c))) || c == 0x7f) return false;
      if (set == characters::ascii && beyond_ascii(c)) return false;
    }
  } else {
    char before = '.';
    for (const char c : local) {
      if (c == '.' ? before == '.' : !letter(c) && std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) == std::string_view::npos)
        return false;
      before = c;
    }
    if (before == '.') return false;
  }
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
    domain = domain.substr(1, domain.size() - 2);
    return domain.starts_with("IPv6:") ? is_ipv6(domain.substr(5)) : is_ipv4(domain);
  }
  if (set == characters::ascii) return is_hostname(domain);
  std::string_view rest = domain;
  while (!rest.empty()) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view label = rest.substr(0, dot);
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [&](char c) { return letter(c) || c == '-'; })) return false;
    if (dot == rest.size()) return true;
    rest.remove_prefix(dot + 1);
  }
  return false;
}

} // namespace tocsin::schema::detail
