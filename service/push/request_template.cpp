#include "push/request_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin::push {
namespace {

constexpr std::string_view user_agent = "tocsin/" TOCSIN_VERSION;

// What tocsin writes itself, or what would make a receiver read the request's length in another way than we do.
constexpr std::array<std::string_view, 13> reserved{
    "content-length", "transfer-encoding", "connection",      "keep-alive", "te",          "trailer",   "upgrade",
    "expect",         "proxy-connection",  "idempotency-key", "webhook-id", "traceparent", "tracestate"};

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_names(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || others.find(c) != std::string_view::npos;
  });
}

checked<void> check_header(const config::endpoint_settings& endpoint, std::string_view name, std::string_view value) {
  if (!is_token(name)) {
    return fault{fmt::format("endpoint.headers: \"{}\" is not a header name; use letters, digits and hyphens", name)};
  }
  if (std::any_of(reserved.begin(), reserved.end(), [&](std::string_view own) { return equal_names(own, name); })) {
    return fault{fmt::format("endpoint.headers.{}: tocsin writes this header itself; remove it", name)};
  }
  if (equal_names(name, "authorization") && !std::holds_alternative<std::monostate>(endpoint.auth)) {
    return fault{"endpoint.headers.Authorization: endpoint.auth writes this header; keep one of the two"};
  }
  if (!is_header_value(value)) {
    return fault{fmt::format("endpoint.headers.{}: the value has a control character (a line break?); remove it", name)};
  }
  return {};
}

} // namespace

bool is_header_value(std::string_view value) noexcept {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\t') || u == 0x7f;
  });
}

std::string header_line(std::string_view name, std::string_view value) { return fmt::format("{}: {}\r\n", name, value); }

std::string_view find_header(std::string_view lines, std::string_view name) noexcept {
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(std::min(lines.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !equal_names(line.substr(0, colon), name)) continue;
    auto value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return {};
}

checked<std::string> make_request_head(const config::endpoint_settings& endpoint, const url& to) {
  if (!is_token(endpoint.method)) {
    return fault{fmt::format("endpoint.method: \"{}\" is not an HTTP method; write e.g. POST", endpoint.method)};
  }
  const bool line_ends = std::any_of(to.target.begin(), to.target.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u <= 0x20 || u >= 0x7f;
  });
  if (line_ends || !is_header_value(to.authority)) {
    return fault{"endpoint.url: has a character that cannot stand in a request line; percent-encode it"};
  }
  std::string lines;
  bool has_host = false;
  bool has_agent = false;
  bool has_type = false;
  for (const auto& [name, value] : endpoint.headers) {
    if (auto good = check_header(endpoint, name, value); !good) return good.error();
    has_host = has_host || equal_names(name, "host");
    has_agent = has_agent || equal_names(name, "user-agent");
    has_type = has_type || equal_names(name, "content-type");
    lines += header_line(name, value);
  }
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", endpoint.method, to.target);
  if (!has_host) head += header_line("Host", to.authority);
  if (!has_agent) head += header_line("User-Agent", user_agent);
  if (!has_type) head += header_line("Content-Type", "application/json");
  return head + lines;
}

} // namespace tocsin::push
