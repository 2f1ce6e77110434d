// Base64 with padding (RFC 4648 4). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::push {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text); // none: not base64

} // namespace tocsin::push
