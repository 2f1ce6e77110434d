// app::relay_status in the shape of GET /v1/status.
#pragma once

#include "app/control.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace tocsin::api {

[[nodiscard]] boost::json::object to_json(const app::relay_status&, std::string_view version);
[[nodiscard]] boost::json::object to_json(const app::pause_status&);

} // namespace tocsin::api
