#include "transform/json_e/timespan.hpp"

#include "transform/json_e/unicode.hpp"

#include <fmt/format.h>

#include <array>

namespace tocsin::json_e {
namespace {

using namespace std::chrono;

struct unit {
  std::string_view name;
  int rank; // units come from large to small
  std::int64_t seconds;
};

constexpr std::int64_t day = 86400;
constexpr std::array<unit, 26> units = {{
    {"years", 0, 365 * day}, {"year", 0, 365 * day},
    {"yr", 0, 365 * day},    {"y", 0, 365 * day},
    {"months", 1, 30 * day}, {"month", 1, 30 * day},
    {"mo", 1, 30 * day},     {"weeks", 2, 7 * day},
    {"week", 2, 7 * day},    {"wk", 2, 7 * day},
    {"w", 2, 7 * day},       {"days", 3, day},
    {"day", 3, day},         {"d", 3, day},
    {"hours", 4, 3600},      {"hour", 4, 3600},
    {"hr", 4, 3600},         {"h", 4, 3600},
    {"minutes", 5, 60},      {"minute", 5, 60},
    {"min", 5, 60},          {"m", 5, 60},
    {"seconds", 6, 1},       {"second", 6, 1},
    {"sec", 6, 1},           {"s", 6, 1},
}};

constexpr std::int64_t longest = 20'000LL * 365 * day;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }

void skip_space(std::string_view& text) noexcept {
  while (const std::size_t space = unicode::leading_space(text)) text.remove_prefix(space);
}

// Exactly `count` digits.
std::optional<int> take_number(std::string_view& text, std::size_t count) noexcept {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (std::size_t at = 0; at < count; ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    number = number * 10 + (text[at] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) noexcept {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<milliseconds> take_fraction(std::string_view& text) noexcept {
  if (!take(text, ".")) return milliseconds(0);
  int thousandths = 0;
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count)
    if (count < 3) thousandths = thousandths * 10 + (text[count] - '0');
  if (count == 0) return std::nullopt;
  for (std::size_t at = count; at < 3; ++at) thousandths *= 10;
  text.remove_prefix(count);
  return milliseconds(thousandths);
}

std::optional<minutes> take_offset(std::string_view& text) noexcept {
  if (take(text, "Zz")) return minutes(0);
  const bool west = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  (void)take(text, ":");
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return minutes((west ? -1 : 1) * (*hour * 60 + *minute));
}

} // namespace

bool in_range(instant when) noexcept {
  return when >= sys_days(year(1) / January / 1) && when < sys_days(year(10000) / January / 1);
}

std::string format_instant(instant when) {
  const auto midnight = floor<days>(when);
  const year_month_day date(midnight);
  const hh_mm_ss time(when - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<instant> parse_instant(std::string_view text) noexcept {
  const auto y = take_number(text, 4);
  if (!y || !take(text, "-")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take(text, "-")) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!d || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), std::chrono::day(static_cast<unsigned>(*d)));
  if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) + *fraction - *offset;
}

std::optional<milliseconds> parse_timespan(std::string_view text) noexcept {
  skip_space(text);
  std::int64_t sign = 1;
  if (take(text, "-")) {
    sign = -1;
    skip_space(text);
  }
  if (take(text, "+")) skip_space(text);
  std::int64_t total = 0;
  int last_rank = -1;
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits)
      if (number <= longest) number = number * 10 + (text[digits] - '0');
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    skip_space(text);
    std::size_t letters = 0;
    while (letters < text.size() && is_letter(text[letters])) ++letters;
    const std::string_view name = text.substr(0, letters);
    const unit* found = nullptr;
    for (const unit& each : units)
      if (each.name == name) found = &each;
    if (found == nullptr || found->rank <= last_rank || number > longest / found->seconds) return std::nullopt;
    last_rank = found->rank;
    total += number * found->seconds;
    text.remove_prefix(letters);
    skip_space(text);
  }
  return seconds(sign * total);
}

} // namespace tocsin::json_e
