// What is wrong with a configuration file: every fault at once, each with its place, the value, the rule and the way out.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::config {

struct config_error {
  std::string path;    // "endpoint.responses[1].then"; empty: the file as a whole
  std::string value;   // as the message shows it; empty for a missing member and for a secret
  std::string message; // without the path: "15x" is not a duration; write e.g. 15s
  int line = 0;        // of the file, from 1; 0: unknown
  std::string meant;   // of a name that is not known: the path of the member that it was probably meant to be; else empty

  friend bool operator==(const config_error&, const config_error&) = default;
};

using config_errors = std::vector<config_error>; // never empty as an error; in the file's order

template <class T>
using loaded = boost::system::result<T, config_errors>;

// Whether nothing is told of the member at `path`: of itself, of what is in it or of what is around it. Where it is not, what a
// rule or a reader says about the member would only follow from that.
[[nodiscard]] bool is_sound(const config_errors& told, std::string_view path);

// Where the members of a file stand: path -> line, from 1.
using line_table = std::map<std::string, int>;
// The line of the member at `path`, or of the nearest one around it; 0: unknown.
[[nodiscard]] int line_of(const line_table& lines, std::string_view path);

// Puts what was found later among `told`, each with the line of its member; leaves out what is found of members that have a fault
// in `told`.
void add_faults(config_errors& told, config_errors found, const line_table& lines);

// Into the file's order.
void sort_faults(config_errors& errors);

// result<T>::value() on a faulty configuration is a bug of the caller: throws std::logic_error with the first message.
[[noreturn]] void throw_exception_from_error(const config_errors& errors, const boost::source_location& where);

// "tocsin.yaml:12: endpoint.timeout: "15x" is not a duration; write e.g. 15s", without a line break at its end. An expression's
// fault has several lines.
[[nodiscard]] std::string to_text(const config_error& error, std::string_view file);

} // namespace tocsin::config
