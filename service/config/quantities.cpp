#include "config/quantities.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tocsin::config {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<unit, 4> durations = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<unit, 4> sizes = {{{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};
constexpr std::uint64_t longest_ms = 8'760ULL * 3'600'000;
constexpr std::uint64_t largest_size = 1ULL << 50;

template <class T>
bool take_number(std::string_view& text, T& value) {
  const auto* const end = text.data() + text.size();
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return true;
}

template <std::size_t N>
std::optional<std::uint64_t> scaled(std::string_view text, const std::array<unit, N>& units, std::uint64_t limit) {
  std::uint64_t number = 0;
  if (!take_number(text, number)) return std::nullopt;
  for (const auto& u : units)
    if (u.name == text && number <= limit / u.factor) return number * u.factor;
  return std::nullopt;
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t value, const std::array<unit, N>& units) {
  for (const auto& u : units)
    if (value >= u.factor && value % u.factor == 0) return fmt::format("{}{}", value / u.factor, u.name);
  return fmt::format("{}{}", value, units.back().name);
}

// Takes exactly `digits` digits.
bool take_digits(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  auto part = text.substr(0, digits);
  text.remove_prefix(digits);
  return take_number(part, value) && part.empty();
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_either(std::string_view& text, char a, char b) { return take(text, a) || take(text, b); }

// Z or ±hh:mm, in minutes east of UTC, up to the end.
std::optional<int> zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.empty()) return std::nullopt;
  const bool west = text[0] == '-';
  int hours = 0, minutes = 0;
  if (!take_either(text, '+', '-') || !take_digits(text, 2, hours) || !take(text, ':') || !take_digits(text, 2, minutes))
    return std::nullopt;
  if (!text.empty() || hours > 23 || minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

// .123456, in whole ms; none of it is 0.
bool take_fraction(std::string_view& text, int& ms) {
  if (!take(text, '.')) return true;
  int scale = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, scale /= 10)
    ms += (text[digits] - '0') * scale;
  text.remove_prefix(digits);
  return digits > 0;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  const auto ms = scaled(text, durations, longest_ms);
  return ms ? std::optional(milliseconds(*ms)) : std::nullopt;
}

std::string print_duration(milliseconds value) { return in_largest_unit(static_cast<std::uint64_t>(value.count()), durations); }

std::optional<std::uint64_t> parse_size(std::string_view text) { return scaled(text, sizes, largest_size); }

std::string print_size(std::uint64_t bytes) { return in_largest_unit(bytes, sizes); }

std::optional<rate_limit> parse_rate(std::string_view text) {
  rate_limit rate;
  if (!take_number(text, rate.count) || rate.count == 0 || !take(text, '/')) return std::nullopt;
  if (text == "min") text = "m";
  const std::string length = text == "s" || text == "m" || text == "h" ? "1" + std::string(text) : std::string(text);
  const auto per = parse_duration(length);
  if (!per || per->count() == 0) return std::nullopt;
  rate.per = *per;
  return rate;
}

std::string print_rate(const rate_limit& rate) {
  if (rate.per.count() == 0) return "none";
  const auto length = print_duration(rate.per);
  return fmt::format("{}/{}", rate.count, length == "1s" ? "s" : length == "1m" ? "min" : length == "1h" ? "h" : length);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') ||
      !take_digits(text, 2, day))
    return std::nullopt;
  if (!take_either(text, 'T', 't') && !take(text, ' ')) return std::nullopt;
  if (!take_digits(text, 2, hour) || !take(text, ':') || !take_digits(text, 2, minute) || !take(text, ':') ||
      !take_digits(text, 2, second))
    return std::nullopt;
  if (!take_fraction(text, ms)) return std::nullopt;
  const auto east = zone(text);
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!east || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt; // 60: a leap second
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute - *east) +
                    std::chrono::seconds(second) + milliseconds(ms);
  return milliseconds(time.time_since_epoch()).count();
}

std::string print_time(std::int64_t unix_ms) {
  const std::chrono::sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  auto text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto ms = clock.subseconds().count(); ms != 0) text += fmt::format(".{:03}", ms);
  return text + "Z";
}

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto port_text = text.substr(colon + 1);
  auto host = text.substr(0, colon);
  std::uint16_t port = 0;
  if (!take_number(port_text, port) || !port_text.empty()) return std::nullopt;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (host == "localhost" ? bracketed : error || address.is_v6() != bracketed) return std::nullopt;
  return listen_address{std::string(host), port};
}

std::string print_listen_address(const listen_address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

bool is_loopback(const listen_address& listen) {
  if (listen.host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(listen.host, error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

} // namespace tocsin::config
