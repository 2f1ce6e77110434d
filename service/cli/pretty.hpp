// JSON for people.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace tocsin::cli {

// Indented by two blanks a level, a member or element a line, with a line break at the end.
[[nodiscard]] std::string pretty(const boost::json::value& value);

} // namespace tocsin::cli
