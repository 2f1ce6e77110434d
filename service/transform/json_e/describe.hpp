#pragma once

#include "transform/json_e/value.hpp"

#include <string>
#include <string_view>

namespace tocsin::json_e {

// The type of a value as JSON-e's typeof() names it; "nothing" for an absent one.
[[nodiscard]] std::string_view type_name(const value& item) noexcept;
// A value for a message: its type and at most 80 characters of its content: `string "df_…`, `number 12`, `null`.
[[nodiscard]] std::string describe(const value& item);
// At most 80 characters of a text, "…" included where there are more.
[[nodiscard]] std::string shortened(std::string_view text);

} // namespace tocsin::json_e
