#include "push/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <charconv>

namespace tocsin::push {
namespace {

fault refuse(std::string_view value, std::string_view rule) {
  return {fmt::format("endpoint.url: \"{}\" {}; write e.g. https://alerts.example.com/v1/events", value, rule)};
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

} // namespace

checked<url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) {
    // It may hold a password all the same, so not a character of it is shown past a possible "@".
    const bool secret = text.find('@') != std::string_view::npos;
    return refuse(secret ? "(hidden)" : text, "is not an absolute URL");
  }
  const auto& view = *parsed;
  url result;
  if (view.scheme_id() == boost::urls::scheme::https) {
    result.scheme = scheme::https;
    result.port = 443;
  } else if (view.scheme_id() != boost::urls::scheme::http) {
    return refuse(text, "must begin with http:// or https://");
  }
  if (view.has_userinfo()) return fault{"endpoint.url: must not hold a user or password; use endpoint.auth with a file"};
  if (view.has_fragment()) return refuse(text, "must not have a fragment (#…), it would never be sent");
  if (!view.has_authority() || view.encoded_host_address().empty()) return refuse(text, "names no host");

  result.host = lower(view.host_address());
  const auto type = view.host_type();
  if (type == boost::urls::host_type::ipvfuture) return refuse(text, "has an address of an unknown kind");
  if (type != boost::urls::host_type::name) result.kind = host_kind::address;
  for (const char c : result.host) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= 0x20 || u >= 0x7f) return refuse(text, "has a character in its host that no host name has");
  }
  result.authority = type == boost::urls::host_type::ipv6 ? fmt::format("[{}]", result.host) : result.host;
  if (const auto port = view.port(); !port.empty()) {
    const auto standard = result.port;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
    if (error != std::errc{} || end != port.data() + port.size() || result.port == 0) {
      return refuse(text, "has a port that is not between 1 and 65535");
    }
    if (result.port != standard) result.authority += fmt::format(":{}", result.port);
  }
  const auto target = view.encoded_target();
  result.target.assign(target.data(), target.size());
  if (result.target.empty() || result.target.front() != '/') result.target.insert(0, "/");
  return result;
}

} // namespace tocsin::push
