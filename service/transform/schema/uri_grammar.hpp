// Grammars of URIs (RFC 3986), IRIs (RFC 3987) and URI templates (RFC 6570).
#pragma once

#include "transform/schema/format_grammar.hpp"

#include <string_view>

namespace tocsin::schema::detail {

enum class uri_form { absolute, reference };

[[nodiscard]] bool matches_uri(std::string_view, uri_form, characters) noexcept;
[[nodiscard]] bool is_uri_template(std::string_view) noexcept;

} // namespace tocsin::schema::detail
