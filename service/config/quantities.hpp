// Texts with units: durations, sizes, rates, times, addresses. Each parser gives none for a text that is no such thing, and each
// printer writes what its parser reads.
#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::config {

// 200ms, 15s, 5m, 1h: a whole number and one unit; at most 8,760h.
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string print_duration(milliseconds value);

// 4096, 512B, 64KiB, 1MiB, 2GiB: bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string print_size(std::uint64_t bytes);

// 100/s, 20/min, 500/h, or with a length of one's own: 20/10s. At least one.
[[nodiscard]] std::optional<rate_limit> parse_rate(std::string_view text);
[[nodiscard]] std::string print_rate(const rate_limit& rate);

// RFC 3339 with its zone, e.g. 2026-11-22T08:00:00Z or 2026-11-22T16:00:00.5+08:00: ms since 1970, cut to whole ms.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);
[[nodiscard]] std::string print_time(std::int64_t unix_ms);

// host:port or [IPv6]:port; the host is an IP address or `localhost`.
[[nodiscard]] std::optional<listen_address> parse_listen_address(std::string_view text);
[[nodiscard]] std::string print_listen_address(const listen_address& address);

// Whether only this machine reaches the address.
[[nodiscard]] bool is_loopback(const listen_address& address);

} // namespace tocsin::config
