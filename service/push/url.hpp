// The endpoint's URL, taken apart into what a connection and a request need (RFC 3986, RFC 9110 4.2). Pure.
#pragma once

#include "push/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::push {

enum class scheme { http, https };
enum class host_kind { name, address };

struct url {
  push::scheme scheme = scheme::http;
  std::string host; // without brackets, percent-decoded, in lower case
  host_kind kind = host_kind::name;
  std::uint16_t port = 80; // the scheme's default where the URL has none
  std::string authority;   // for the Host header: brackets where needed, the port where it is not the default
  std::string target;      // path and query as written; "/" where the path is empty
};

// Refuses any scheme but http and https, an empty host, credentials (they belong in endpoint.auth), a fragment, and whatever
// could end a line. The message is about `endpoint.url` and holds no password.
[[nodiscard]] checked<url> parse_url(std::string_view text);

} // namespace tocsin::push
