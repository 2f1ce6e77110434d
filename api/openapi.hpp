// The contract of the admin server, openapi.yaml, which is part of the program.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::api {

[[nodiscard]] std::string_view openapi_yaml() noexcept;

// The same as JSON: what GET /openapi.json answers.
[[nodiscard]] std::string openapi_json();

} // namespace tocsin::api
