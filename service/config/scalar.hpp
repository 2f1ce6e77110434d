// Plain scalars of YAML 1.2, core schema (yaml.org/spec/1.2.2, 10.3.2).
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace tocsin::config {

// null, a boolean, an integer, a finite double, or the text itself. Integers beyond 64 bits become doubles; .inf and .nan stay
// text.
[[nodiscard]] boost::json::value plain_scalar(std::string_view text);

} // namespace tocsin::config
