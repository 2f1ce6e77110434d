#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin::json_e {

// [a-zA-Z_][a-zA-Z0-9_]*
[[nodiscard]] bool is_identifier(std::string_view name) noexcept;

// " (did you mean `lowercase`?)" for the candidate nearest to the name, if one is near; otherwise nothing.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

// The pointer with one more reference token (RFC 6901).
[[nodiscard]] std::string pointer_to(std::string_view pointer, std::string_view name);

} // namespace tocsin::json_e
