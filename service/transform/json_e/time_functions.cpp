// Our own functions over time: milliseconds since 1970 to text and back.
#include "transform/json_e/arguments.hpp"
#include "transform/json_e/timespan.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace tocsin::json_e {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> month_names = {"January", "February", "March",     "April",   "May",      "June",
                                                          "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// "Z", "UTC", "+08:00", "+0800", "-03".
std::optional<minutes> parse_zone(std::string_view zone) {
  if (zone == "Z" || zone == "UTC") return minutes(0);
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  const int sign = zone[0] == '-' ? -1 : 1;
  zone.remove_prefix(1);
  std::string digits;
  for (std::size_t at = 0; at < zone.size(); ++at) {
    if (zone[at] == ':' && at == 2) continue;
    if (zone[at] < '0' || zone[at] > '9') return std::nullopt;
    digits += zone[at];
  }
  if (digits.size() != 2 && digits.size() != 4) return std::nullopt;
  const int hour = (digits[0] - '0') * 10 + digits[1] - '0';
  const int minute = digits.size() == 4 ? (digits[2] - '0') * 10 + digits[3] - '0' : 0;
  if (hour > 23 || minute > 59) return std::nullopt;
  return minutes(sign * (hour * 60 + minute));
}

std::string format_zone(minutes offset, bool colon) {
  const auto distance = abs(offset).count();
  return fmt::format("{}{:02}{}{:02}", offset.count() < 0 ? '-' : '+', distance / 60, colon ? ":" : "", distance % 60);
}

// The text of one directive; nothing for one that is unknown.
std::optional<std::string> directive(char which, instant utc, minutes offset) {
  const auto local = utc + offset;
  const auto midnight = floor<days>(local);
  const year_month_day date(midnight);
  const hh_mm_ss time(local - midnight);
  switch (which) {
  case 'Y': return fmt::format("{:04}", static_cast<int>(date.year()));
  case 'm': return fmt::format("{:02}", static_cast<unsigned>(date.month()));
  case 'd': return fmt::format("{:02}", static_cast<unsigned>(date.day()));
  case 'H': return fmt::format("{:02}", time.hours().count());
  case 'I': return fmt::format("{:02}", (time.hours().count() + 11) % 12 + 1);
  case 'p': return time.hours().count() < 12 ? "AM" : "PM";
  case 'M': return fmt::format("{:02}", time.minutes().count());
  case 'S': return fmt::format("{:02}", time.seconds().count());
  case 'f': return fmt::format("{:03}", time.subseconds().count());
  case 'F':
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
  case 'T': return fmt::format("{:02}:{:02}:{:02}", time.hours().count(), time.minutes().count(), time.seconds().count());
  case 'B': return std::string(month_names[static_cast<unsigned>(date.month()) - 1]);
  case 'b': return std::string(month_names[static_cast<unsigned>(date.month()) - 1].substr(0, 3));
  case 'A': return std::string(day_names[weekday(midnight).c_encoding()]);
  case 'a': return std::string(day_names[weekday(midnight).c_encoding()].substr(0, 3));
  case 'j': return fmt::format("{:03}", (midnight - sys_days(date.year() / January / 1)).count() + 1);
  case 's': return fmt::format("{}", floor<seconds>(utc).time_since_epoch().count());
  case 'z': return format_zone(offset, false);
  case '%': return "%";
  default: return std::nullopt;
  }
}

value format_time(const call& site) {
  const value& when = site.arguments[0];
  std::optional<std::int64_t> count;
  if (when.is_number()) {
    const auto [whole, fault] = to_integer(rounding::down, when);
    if (fault == number_fault::none) count = whole_number(whole);
  }
  constexpr std::int64_t farthest = 400'000'000'000'000; // beyond the year 10000 in milliseconds, either way
  if (!count || *count < -farthest || *count > farthest || !in_range(instant(milliseconds(*count))))
    return wrong_argument(site, 0, "a number of milliseconds since 1970, within the years 1 to 9999");
  const instant utc{milliseconds(*count)};
  if (!has(site, 1)) return site.machine.make_text(format_instant(utc));
  if (!site.arguments[1].is_string()) return wrong_argument(site, 1, "a format such as \"%Y-%m-%d %H:%M:%S\"");
  const auto offset = !has(site, 2)                   ? minutes(0)
                      : site.arguments[2].is_string() ? parse_zone(site.arguments[2].as_string())
                                                      : std::nullopt;
  if (!offset) return wrong_argument(site, 2, "\"UTC\" or an offset such as \"+08:00\"");
  const std::string_view format = site.arguments[1].as_string();
  if (!site.machine.spend(format.size())) return value::failure();
  std::string out;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      out += format[at];
      continue;
    }
    ++at;
    if (format.substr(at).starts_with(":z")) {
      out += format_zone(*offset, true);
      ++at;
      continue;
    }
    const auto text = at < format.size() ? directive(format[at], utc, *offset) : std::nullopt;
    if (!text)
      return refused(site,
                     fmt::format("the format knows no %{}; it knows %Y %m %d %H %M %S %f %F %T %I %p %B %b %A %a %j %s %z %:z %%",
                                 format.substr(at, 1)));
    out += *text;
  }
  return site.machine.make_text(out);
}

// What a format's directives read.
struct fields {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t thousandths = 0;
  std::optional<std::int64_t> epoch;
  std::optional<minutes> offset;
};

bool take_digits(std::string_view& text, std::size_t least, std::size_t most, int& out) {
  std::size_t count = 0;
  int number = 0;
  while (count < most && count < text.size() && text[count] >= '0' && text[count] <= '9')
    number = number * 10 + (text[count++] - '0');
  if (count < least) return false;
  text.remove_prefix(count);
  out = number;
  return true;
}

bool take_month(std::string_view& text, int& out) {
  for (std::size_t at = 0; at < month_names.size(); ++at) {
    if (!text.starts_with(month_names[at].substr(0, 3))) continue;
    text.remove_prefix(text.starts_with(month_names[at]) ? month_names[at].size() : 3);
    out = static_cast<int>(at) + 1;
    return true;
  }
  return false;
}

bool take_fraction(std::string_view& text, std::int64_t& thousandths) {
  std::size_t count = 0;
  std::int64_t scale = 100;
  for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count, scale /= 10)
    thousandths += (text[count] - '0') * scale;
  text.remove_prefix(count);
  return count > 0;
}

bool take_zone(std::string_view& text, std::optional<minutes>& offset) {
  const std::size_t size = text.starts_with('Z') ? 1 : text.size() > 3 && text[3] == ':' ? 6 : 5;
  if (text.size() < size) return false;
  offset = parse_zone(text.substr(0, size));
  text.remove_prefix(size);
  return offset.has_value();
}

bool take_epoch(std::string_view& text, std::optional<std::int64_t>& epoch) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number < -400'000'000'000 || number > 400'000'000'000) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  epoch = number;
  return true;
}

bool read_all(std::string_view format, std::string_view& text, fields& out);

bool read_directive(char which, std::string_view& text, fields& out) {
  switch (which) {
  case 'Y': return take_digits(text, 4, 4, out.year);
  case 'm': return take_digits(text, 1, 2, out.month);
  case 'd': return take_digits(text, 1, 2, out.day);
  case 'H': return take_digits(text, 1, 2, out.hour);
  case 'M': return take_digits(text, 1, 2, out.minute);
  case 'S': return take_digits(text, 1, 2, out.second);
  case 'F': return read_all("%Y-%m-%d", text, out);
  case 'T': return read_all("%H:%M:%S", text, out);
  case 'b':
  case 'B': return take_month(text, out.month);
  case 'f': return take_fraction(text, out.thousandths);
  case 'z': return take_zone(text, out.offset);
  case 's': return take_epoch(text, out.epoch);
  default: return false;
  }
}

bool read_all(std::string_view format, std::string_view& text, fields& out) {
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] == '%' && at + 1 < format.size() && format[at + 1] != '%') {
      if (!read_directive(format[++at], text, out)) return false;
      continue;
    }
    if (format[at] == '%') ++at;
    if (at == format.size() || !text.starts_with(format[at])) return false;
    text.remove_prefix(1);
  }
  return true;
}

value parse_time(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  std::string_view text = site.arguments[0].as_string();
  const auto milliseconds_of = [](instant when) { return value::of(static_cast<std::int64_t>(when.time_since_epoch().count())); };
  if (!has(site, 1)) {
    const auto when = parse_instant(text);
    return when ? milliseconds_of(*when)
                : refused(site, fmt::format("{} is no time such as \"2017-01-19T16:27:20.974Z\"", describe(site.arguments[0])));
  }
  if (!site.arguments[1].is_string()) return wrong_argument(site, 1, "a format such as \"%Y-%m-%d %H:%M:%S\"");
  const auto zone = !has(site, 2)                   ? minutes(0)
                    : site.arguments[2].is_string() ? parse_zone(site.arguments[2].as_string())
                                                    : std::nullopt;
  if (!zone) return wrong_argument(site, 2, "\"UTC\" or an offset such as \"+08:00\"");
  const std::string_view format = site.arguments[1].as_string();
  if (!site.machine.spend(format.size())) return value::failure();
  fields read;
  const bool fits = read_all(format, text, read);
  const year_month_day date(year(read.year), month(static_cast<unsigned>(read.month)), day(static_cast<unsigned>(read.day)));
  if (!fits || !text.empty() || !date.ok() || read.hour > 23 || read.minute > 59 || read.second > 60)
    return refused(site, fmt::format("{} is no time of the form \"{}\"", describe(site.arguments[0]), shortened(format)));
  if (read.epoch) return milliseconds_of(instant(seconds(*read.epoch) + milliseconds(read.thousandths)));
  return milliseconds_of(sys_days(date) + hours(read.hour) + minutes(read.minute) + seconds(read.second) +
                         milliseconds(read.thousandths) - read.offset.value_or(*zone));
}

constexpr std::array table = {
    function{"formatTime", "formatTime(milliseconds[, format[, zone]])", 1, 3, format_time, origin::ours},
    function{"parseTime", "parseTime(string[, format[, zone]])", 1, 3, parse_time, origin::ours},
};

} // namespace

std::span<const function> time_functions() noexcept { return table; }

} // namespace tocsin::json_e
