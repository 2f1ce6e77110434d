#pragma once

#include "transform/json_e/arena.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Text as code points. All texts are UTF-8 (the reader refuses what is not).
namespace tocsin::json_e::unicode {

[[nodiscard]] std::size_t length(std::string_view text) noexcept;
// The byte at which code point `index` starts; the text's size where it has no more than `index`.
[[nodiscard]] std::size_t offset_of(std::string_view text, std::size_t index) noexcept;
// The bytes of the code point that starts the text; the text is not empty.
[[nodiscard]] std::size_t first_size(std::string_view text) noexcept;

// White space as ECMAScript has it (WhiteSpace and LineTerminator): ASCII's, no-break spaces, Unicode's Zs, U+FEFF.
// The bytes of the white space character that starts or ends the text; 0: it is none.
[[nodiscard]] std::size_t leading_space(std::string_view text) noexcept;
[[nodiscard]] std::size_t trailing_space(std::string_view text) noexcept;

// Full case mappings of Unicode, as Python and JavaScript have them: "ß" becomes "SS", a final "Σ" becomes "ς".
// Nothing where the memory is at its limit.
[[nodiscard]] std::optional<std::string_view> upper(std::string_view text, arena& memory);
[[nodiscard]] std::optional<std::string_view> lower(std::string_view text, arena& memory);

} // namespace tocsin::json_e::unicode
