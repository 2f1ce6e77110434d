#include "transform/json_e/unicode.hpp"

#include "transform/json_e/special_casing.hpp"

#include <algorithm>
#include <cstring>
#include <utf8proc.h>

namespace tocsin::json_e::unicode {
namespace {

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

struct decoded {
  utf8proc_int32_t point;
  std::size_t size;
};

decoded decode(std::string_view text) noexcept {
  utf8proc_int32_t point = 0;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &point);
  return size > 0 ? decoded{point, static_cast<std::size_t>(size)} : decoded{-1, 1};
}

bool is_space(utf8proc_int32_t point) noexcept {
  return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F || point == 0x205F ||
         point == 0x3000 || point == 0xFEFF;
}

bool is_cased(utf8proc_int32_t point) noexcept {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT;
}

// Characters that the rule of the final sigma looks past (Unicode's Case_Ignorable).
bool is_case_ignorable(utf8proc_int32_t point) noexcept {
  switch (utf8proc_category(point)) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_SK: return true;
  default:
    return point == '\'' || point == '.' || point == ':' || point == 0xB7 || point == 0x2018 || point == 0x2019 ||
           point == 0x2027;
  }
}

bool cased_letter_before(std::string_view text, std::size_t at) noexcept {
  while (at > 0) {
    do --at;
    while (at > 0 && continues(text[at]));
    const auto point = decode(text.substr(at)).point;
    if (!is_case_ignorable(point)) return is_cased(point);
  }
  return false;
}

bool cased_letter_after(std::string_view text, std::size_t at) noexcept {
  while (at < text.size()) {
    const auto [point, size] = decode(text.substr(at));
    if (!is_case_ignorable(point)) return is_cased(point);
    at += size;
  }
  return false;
}

constexpr utf8proc_int32_t sigma = 0x3A3;
constexpr utf8proc_int32_t final_sigma = 0x3C2;
constexpr utf8proc_int32_t dotted_capital_i = 0x130;

} // namespace

std::size_t length(std::string_view text) noexcept {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::size_t offset_of(std::string_view text, std::size_t index) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!continues(text[at]) && index-- == 0) return at;
    ++at;
  }
  return at;
}

std::size_t first_size(std::string_view text) noexcept {
  std::size_t size = 1;
  while (size < text.size() && continues(text[size])) ++size;
  return size;
}

std::size_t leading_space(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto [point, size] = decode(text);
  return is_space(point) ? size : 0;
}

std::size_t trailing_space(std::string_view text) noexcept {
  if (text.empty()) return 0;
  std::size_t at = text.size() - 1;
  while (at > 0 && continues(text[at])) --at;
  return is_space(decode(text.substr(at)).point) ? text.size() - at : 0;
}

std::optional<std::string_view> upper(std::string_view text, arena& memory) {
  // The longest mapping makes three characters of one; none makes more than three bytes of one.
  const std::size_t room = text.size() * 3;
  char* out = memory.try_allocate_array<char>(room);
  if (out == nullptr) return std::nullopt;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out[used++] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      ++at;
      continue;
    }
    const auto [point, size] = decode(text.substr(at));
    at += size;
    const auto* special = std::ranges::lower_bound(long_upper, static_cast<char32_t>(point), {}, &long_mapping::from);
    if (special != long_upper.end() && special->from == static_cast<char32_t>(point)) {
      std::memcpy(out + used, special->to.data(), special->to.size());
      used += special->to.size();
    } else {
      used += static_cast<std::size_t>(
          utf8proc_encode_char(utf8proc_toupper(point), reinterpret_cast<utf8proc_uint8_t*>(out + used)));
    }
  }
  memory.give_back(room - used);
  return std::string_view(out, used);
}

std::optional<std::string_view> lower(std::string_view text, arena& memory) {
  const std::size_t room = text.size() * 2 + 1;
  char* out = memory.try_allocate_array<char>(room);
  if (out == nullptr) return std::nullopt;
  std::size_t used = 0;
  const auto put = [&](utf8proc_int32_t point) {
    used += static_cast<std::size_t>(utf8proc_encode_char(point, reinterpret_cast<utf8proc_uint8_t*>(out + used)));
  };
  // Linear, for all that each sigma looks around: it looks no further than the next letter, and a sigma is one.
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out[used++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      ++at;
      continue;
    }
    const auto [point, size] = decode(text.substr(at));
    if (point == dotted_capital_i) {
      put('i');
      put(0x307);
    } else if (point == sigma && cased_letter_before(text, at) && !cased_letter_after(text, at + size)) {
      put(final_sigma);
    } else {
      put(utf8proc_tolower(point));
    }
    at += size;
  }
  memory.give_back(room - used);
  return std::string_view(out, used);
}

} // namespace tocsin::json_e::unicode
