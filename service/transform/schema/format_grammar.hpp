// Grammars of dates, times, host names, addresses and mail addresses.
#pragma once

#include <string_view>

namespace tocsin::schema::detail {

enum class characters { ascii, unicode }; // unicode: everything beyond ASCII is allowed where letters are

[[nodiscard]] bool is_date(std::string_view) noexcept;                   // RFC 3339 full-date
[[nodiscard]] bool is_time(std::string_view) noexcept;                   // RFC 3339 full-time, leap seconds at 23:59:60 UTC only
[[nodiscard]] bool is_date_time(std::string_view) noexcept;              // RFC 3339 date-time
[[nodiscard]] bool is_hostname(std::string_view) noexcept;               // RFC 1123; A-labels are not decoded
[[nodiscard]] bool is_ipv4(std::string_view) noexcept;                   // RFC 2673 dotted-quad
[[nodiscard]] bool is_ipv6(std::string_view) noexcept;                   // RFC 4291 2.2
[[nodiscard]] bool matches_email(std::string_view, characters) noexcept; // RFC 5321 Mailbox, RFC 6531 for unicode

} // namespace tocsin::schema::detail
