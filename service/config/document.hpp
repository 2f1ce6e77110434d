// A YAML text as JSON, with the line of every value. YAML 1.2 core schema: only true and false are booleans, `off` and `none` are
// text.
#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"

#include <boost/json/value.hpp>

#include <set>
#include <string>
#include <string_view>

namespace tocsin::config {

struct document {
  boost::json::value root;        // an empty text is null
  line_table lines;               // those of names, where values have one
  std::set<std::string> unusable; // paths whose values have faults of their own, told in `errors`
  config_errors errors;
};

// The path of a member or an element: "endpoint" + "timeout" is "endpoint.timeout"; names beyond letters, digits, _ . and - are
// quoted.
[[nodiscard]] std::string member_path(std::string_view parent, std::string_view name);
[[nodiscard]] std::string element_path(std::string_view parent, std::size_t index);

// Parses `text` (UTF-8, at most 1 MiB) and replaces ${NAME} in scalar values, not in names. A plain scalar gets its type after
// that; a quoted one stays text. Faults of single values (duplicate names, unset variables) are collected in `errors`, and the
// rest of the document stands; a text that is no YAML has one error and a null root. Aliases are resolved, up to 100,000 values
// in all; merge keys and tags other than the core schema's are refused.
[[nodiscard]] document parse_document(std::string_view text, const environment& variables);

} // namespace tocsin::config
