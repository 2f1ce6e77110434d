// The effective configuration for people: `tocsin check --print`, GET /v1/config.
#pragma once

#include "config/settings.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace tocsin::config {

// Every member, defaults included, as it would stand in a file; secrets and the values of headers that may be secrets are "***",
// URLs are redacted, paths are as they are opened.
[[nodiscard]] boost::json::object to_json(const settings& settings);

// The URL without user information, and with *** for its query: a query may hold a token.
[[nodiscard]] std::string redacted_url(std::string_view url);

} // namespace tocsin::config
