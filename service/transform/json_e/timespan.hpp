#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// Instants and spans as text, as JSON-e's fromNow has them.
namespace tocsin::json_e {

using instant = std::chrono::sys_time<std::chrono::milliseconds>;

// "2017-01-19T16:27:20.974Z". The year must be 1 to 9999 (in_range).
[[nodiscard]] std::string format_instant(instant when);
[[nodiscard]] bool in_range(instant when) noexcept;
// RFC 3339: date, "T" or a space, time with any number of decimals (those beyond milliseconds are cut off), "Z" or an offset.
[[nodiscard]] std::optional<instant> parse_instant(std::string_view text) noexcept;
// "1 year 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds", any part left out, short units allowed, "-" or "+" in front.
// A year is 365 days, a month 30. Nothing where the text is none, or beyond 20,000 years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_timespan(std::string_view text) noexcept;

} // namespace tocsin::json_e
