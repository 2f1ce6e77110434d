// The published schema of the configuration, built into the program.
#pragma once

#include "config/place.hpp"

#include <string_view>

namespace tocsin::config {

// config.schema.json as it was when the program was built.
[[nodiscard]] std::string_view schema_text() noexcept;

// Tells what the schema does not allow of members that have no fault yet. The loader's own checks say it better and come first;
// this holds the two together.
void check_against_schema(const boost::json::value& root, const place& at);

} // namespace tocsin::config
