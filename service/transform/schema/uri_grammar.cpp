#include "transform/schema/uri_grammar.hpp"

#include <algorithm>
#include <cstdint>

namespace tocsin::schema::detail {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The code point at `at`, which is moved past it. The text is valid UTF-8.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at);
  const std::size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  std::uint32_t value = more == 0 ? first : first & (0x3fU >> more);
  for (std::size_t i = 1; i <= more && at + i < text.size(); ++i) value = value << 6U | (byte(at + i) & 0x3fU);
  at += more + 1;
  return value;
}

// RFC 3987 ucschar
bool is_ucschar(std::uint32_t c) {
  if (c < 0xa0) return false;
  if (c < 0x10000) return c <= 0xd7ff || (c >= 0xf900 && c <= 0xfdcf) || (c >= 0xfdf0 && c <= 0xffef);
  return c < 0xf0000 && (c & 0xffffU) <= 0xfffd && (c < 0xe0000 || c >= 0xe1000);
}
bool is_private(std::uint32_t c) { return (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && (c & 0xffffU) <= 0xfffd); }

// Every character is unreserved, percent-encoded, a sub-delimiter or one of `extra`.
bool all_of(std::string_view text, std::string_view extra, characters set, bool privates = false) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
      at += 3;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      if (set == characters::ascii) return false;
      const std::uint32_t point = next_code_point(text, at);
      if (!is_ucschar(point) && !(privates && is_private(point))) return false;
    } else {
      if (!is_letter(c) && !is_digit(c) && (c == 0 || std::string_view("-._~!$&'()*+,;=").find(c) == std::string_view::npos) &&
          (c == 0 || extra.find(c) == std::string_view::npos)) {
        return false;
      }
      ++at;
    }
  }
  return true;
}

bool is_ip_future(std::string_view text) {
  if (text.size() < 4 || (text[0] | 0x20) != 'v') return false;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(dot), is_hex) &&
         text.find('%') == std::string_view::npos && all_of(text.substr(dot + 1), ":", characters::ascii);
}

bool is_authority(std::string_view text, characters set) {
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (!all_of(text.substr(0, at), ":", set)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    if (!is_ipv6(host) && !is_ip_future(host)) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
    if (!port.empty()) port.remove_prefix(1);
  } else {
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
    }
    if (!all_of(host, "", set)) return false;
  }
  return std::all_of(port.begin(), port.end(), is_digit);
}

} // namespace

bool matches_uri(std::string_view text, uri_form form, characters set) noexcept {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    if (!all_of(text.substr(hash + 1), ":@/?", set)) return false;
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    if (!all_of(text.substr(mark + 1), ":@/?", set, true)) return false;
    text = text.substr(0, mark);
  }
  bool scheme = false;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon < text.find('/')) {
    scheme = colon > 0 && is_letter(text[0]) &&
             std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                         [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
    if (!scheme) return false; // nor may the first segment of a relative path hold a colon
    text.remove_prefix(colon + 1);
  }
  if (!scheme && form == uri_form::absolute) return false;
  if (text.starts_with("//")) {
    const std::size_t slash = std::min(text.find('/', 2), text.size());
    if (!is_authority(text.substr(2, slash - 2), set)) return false;
    text.remove_prefix(slash);
  }
  return all_of(text, ":@/", set);
}

namespace {

// varspec of RFC 6570 2.3 and 2.4
bool is_variable(std::string_view text) {
  if (text.ends_with('*')) {
    text.remove_suffix(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view length = text.substr(colon + 1);
    if (length.empty() || length.size() > 4 || length[0] == '0' || !std::all_of(length.begin(), length.end(), is_digit))
      return false;
    text = text.substr(0, colon);
  }
  char before = '.';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
      at += 2;
    } else if (c == '.' ? before == '.' : !is_letter(c) && !is_digit(c) && c != '_') {
      return false;
    }
    before = c;
  }
  return before != '.';
}

} // namespace

bool is_uri_template(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return false;
      std::string_view list = text.substr(at + 1, end - at - 1);
      if (!list.empty() && std::string_view("+#./;?&").find(list[0]) != std::string_view::npos) list.remove_prefix(1);
      while (true) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (!is_variable(list.substr(0, comma))) return false;
        if (comma == list.size()) break;
        list.remove_prefix(comma + 1);
      }
      at = end + 1;
    } else if (c == '%') {
      if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
      at += 3;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      const std::uint32_t point = next_code_point(text, at);
      if (!is_ucschar(point) && !is_private(point)) return false;
    } else {
      if (c <= ' ' || c == 0x7f || std::string_view("\"<>\\^`}|").find(c) != std::string_view::npos) return false;
      ++at;
    }
  }
  return true;
}

} // namespace tocsin::schema::detail
