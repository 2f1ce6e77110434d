#include "push/plain_success.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace tocsin::push {
namespace {

constexpr std::size_t longest_header = 1024; // a longer one is not ordinary

constexpr std::array<bool, 256> token_characters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// `name` may be in any case, `expected` is in lower case.
bool is(std::string_view name, std::string_view expected) noexcept {
  if (name.size() != expected.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != expected[i]) return false;
  }
  return true;
}

enum class line { ordinary, content_length, unusual };

// Looks at a header line, without its end. Whatever bears on the framing is ordinary only in its usual form.
line look_at(std::string_view text, std::uint64_t& length) noexcept {
  std::size_t colon = 0;
  while (colon < text.size() && token_characters[static_cast<unsigned char>(text[colon])]) ++colon;
  if (colon == 0 || colon == text.size() || text[colon] != ':') return line::unusual;
  const auto name = text.substr(0, colon);
  auto value = text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  switch (name.size()) {
  case 14:
    if (!is(name, "content-length")) return line::ordinary;
    if (value.empty() || value.size() > 6) return line::unusual;
    length = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') return line::unusual;
      length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return line::content_length;
  case 10: return !is(name, "connection") || is(value, "keep-alive") ? line::ordinary : line::unusual;
  case 7: return is(name, "upgrade") ? line::unusual : line::ordinary;
  case 16: return is(name, "proxy-connection") ? line::unusual : line::ordinary;
  case 17: return is(name, "transfer-encoding") ? line::unusual : line::ordinary;
  default: return line::ordinary;
  }
}

// How many of the bytes are control characters, eight at a time: the text is read as numbers whose bytes never carry into each
// other.
std::size_t count_controls(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t printable = 0; // eight counters of a byte each; longest_header / 8 fits into them
  std::size_t done = 0;
  const auto add = [&](std::uint64_t x) {
    const auto at_least_space = ((x & (ones * 0x7f)) + ones * 0x60) | x;
    const auto other_than_del = (((x ^ (ones * 0x7f)) & (ones * 0x7f)) + ones * 0x7f) | x;
    printable += ((at_least_space & other_than_del) >> 7U) & ones;
  };
  for (; text.size() - done >= 8; done += 8) {
    std::uint64_t x = 0;
    std::memcpy(&x, text.data() + done, 8);
    add(x);
  }
  std::uint64_t rest = 0; // what is missing counts as NUL, that is as control characters
  std::memcpy(&rest, text.data() + done, text.size() - done);
  add(rest);
  std::size_t sum = 0;
  for (; printable != 0; printable >>= 8U) sum += printable & 0xffU;
  return text.size() - sum;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

} // namespace

std::optional<plain_answer> plain_success(std::string_view bytes) noexcept {
  constexpr std::string_view begin = "HTTP/1.1 2";
  if (!bytes.starts_with(begin) || bytes.size() < 17 || !is_digit(bytes[10]) || !is_digit(bytes[11]) || bytes[12] != ' ') {
    return std::nullopt;
  }
  const unsigned status = 200U + static_cast<unsigned>(bytes[10] - '0') * 10U + static_cast<unsigned>(bytes[11] - '0');
  std::optional<std::uint64_t> length;
  std::size_t lines = 0;
  std::size_t at = 0;
  for (;; ++lines) {
    const auto end = bytes.find('\n', at);
    if (end == std::string_view::npos || end == at || bytes[end - 1] != '\r') return std::nullopt;
    const auto text = bytes.substr(at, end - 1 - at);
    at = end + 1;
    if (text.empty()) break;
    if (lines == 0) continue; // the status line
    std::uint64_t value = 0;
    const auto kind = look_at(text, value);
    if (kind == line::unusual || (kind == line::content_length && length)) return std::nullopt;
    if (kind == line::content_length) length = value;
  }
  if (lines == 0 || at > longest_header) return std::nullopt;
  if (count_controls(bytes.substr(0, at)) != 2 * (lines + 1)) return std::nullopt; // line ends, and nothing else

  if (status == 204 ? length.value_or(0) != 0 : !length) return std::nullopt;
  if (bytes.size() - at != length.value_or(0)) return std::nullopt;
  return plain_answer{status, bytes.substr(at)};
}

} // namespace tocsin::push
