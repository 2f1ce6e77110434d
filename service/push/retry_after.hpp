// Retry-After (RFC 9110 10.2.3): how long the endpoint asks to be left alone. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tocsin::push {

// An HTTP date in any of its three forms (RFC 9110 5.6.7); none for anything else.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view, std::chrono::sys_seconds now);

// Seconds, or a date relative to the answer's own Date header where it has a good one, to `now` otherwise, so that clocks need
// not agree. A date that has passed is 0. Anything else (negative, a fraction, words) is none. Seconds beyond a year are a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::string_view date,
                                                                         std::chrono::sys_seconds now);

} // namespace tocsin::push
