#include "push/retry_after.hpp"

#include <algorithm>
#include <array>

namespace tocsin::push {
namespace {

using namespace std::chrono;

// Takes a date apart from left to right; any step that does not fit makes the whole thing unreadable.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {}

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  template <std::size_t N>
  bool one_of(const std::array<std::string_view, N>& words, int& index) {
    for (std::size_t i = 0; i < N; ++i) {
      if (literal(words[i])) {
        index = static_cast<int>(i);
        return true;
      }
    }
    return false;
  }

  bool time(int& hour, int& minute, int& second) {
    return digits(2, hour) && literal(":") && digits(2, minute) && literal(":") && digits(2, second);
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

constexpr std::array<std::string_view, 7> short_days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> long_days{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct fields {
  int weekday = 0, day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0;
};

std::optional<sys_seconds> assemble(const fields& f) {
  const year_month_day date{year{f.year}, month{static_cast<unsigned>(f.month + 1)}, day{static_cast<unsigned>(f.day)}};
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
  return sys_days{date} + hours{f.hour} + minutes{f.minute} + seconds{f.second};
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<sys_seconds> imf_fixdate(std::string_view text) {
  scanner s(text);
  fields f;
  if (s.one_of(short_days, f.weekday) && s.literal(", ") && s.digits(2, f.day) && s.literal(" ") && s.one_of(months, f.month) &&
      s.literal(" ") && s.digits(4, f.year) && s.literal(" ") && s.time(f.hour, f.minute, f.second) && s.literal(" GMT") &&
      s.at_end()) {
    return assemble(f);
  }
  return std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT; a year that seems more than 50 years ahead is of the past century (RFC 9110 5.6.7)
std::optional<sys_seconds> rfc850(std::string_view text, sys_seconds now) {
  scanner s(text);
  fields f;
  if (!(s.one_of(long_days, f.weekday) && s.literal(", ") && s.digits(2, f.day) && s.literal("-") && s.one_of(months, f.month) &&
        s.literal("-") && s.digits(2, f.year) && s.literal(" ") && s.time(f.hour, f.minute, f.second) && s.literal(" GMT") &&
        s.at_end())) {
    return std::nullopt;
  }
  const int this_year = static_cast<int>(year_month_day{floor<days>(now)}.year());
  f.year += this_year / 100 * 100;
  if (f.year > this_year + 50) f.year -= 100;
  return assemble(f);
}

// Sun Nov  6 08:49:37 1994
std::optional<sys_seconds> asctime_date(std::string_view text) {
  scanner s(text);
  fields f;
  if (s.one_of(short_days, f.weekday) && s.literal(" ") && s.one_of(months, f.month) && s.literal(" ") &&
      (s.literal(" ") ? s.digits(1, f.day) : s.digits(2, f.day)) && s.literal(" ") && s.time(f.hour, f.minute, f.second) &&
      s.literal(" ") && s.digits(4, f.year) && s.at_end()) {
    return assemble(f);
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

} // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  text = trim(text);
  if (const auto date = imf_fixdate(text)) return date;
  if (const auto date = rfc850(text, now)) return date;
  return asctime_date(text);
}

std::optional<milliseconds> parse_retry_after(std::string_view value, std::string_view date, sys_seconds now) {
  constexpr seconds year_long = hours{24 * 365};
  value = trim(value);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    seconds asked{0};
    for (const char c : value) asked = std::min(asked * 10 + seconds{c - '0'}, year_long);
    return asked;
  }
  const auto until = parse_http_date(value, now);
  if (!until) return std::nullopt;
  const auto from = parse_http_date(date, now).value_or(now);
  return std::clamp<seconds>(*until - from, seconds{0}, year_long);
}

} // namespace tocsin::push
