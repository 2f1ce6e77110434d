// The part of a request that is the same for every event, written once. Pure.
#pragma once

#include "config/settings.hpp"
#include "push/fault.hpp"
#include "push/url.hpp"

#include <string>
#include <string_view>

namespace tocsin::push {

// "POST /path HTTP/1.1\r\nHost: …\r\nUser-Agent: tocsin/…\r\nContent-Type: application/json\r\n…": a request's beginning. The
// headers of one event, Content-Length, an empty line and the body follow. Configured headers replace User-Agent, Content-Type
// and Host. Refused, with a message about `endpoint.headers` or `endpoint.method`: a name or method that is no token (RFC
// 9110 5.6.2), a value with a control character, a header that tocsin writes itself or that would change the framing.
[[nodiscard]] checked<std::string> make_request_head(const config::endpoint_settings&, const url&);

// Whether a header's value can be sent: no control character but the tab.
[[nodiscard]] bool is_header_value(std::string_view) noexcept;

// "Name: value\r\n"
[[nodiscard]] std::string header_line(std::string_view name, std::string_view value);

// The value of the first header line with this name (in any case) among lines that end in CRLF; empty where there is none.
[[nodiscard]] std::string_view find_header(std::string_view lines, std::string_view name) noexcept;

} // namespace tocsin::push
