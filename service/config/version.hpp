// Which program this is.
#pragma once

#include <string_view>

namespace tocsin::config {

[[nodiscard]] std::string_view version() noexcept;  // 0.1.0
[[nodiscard]] std::string_view revision() noexcept; // git describe when the build was configured, or "unknown"
[[nodiscard]] std::string_view compiler() noexcept; // Clang 19.1.7

} // namespace tocsin::config
