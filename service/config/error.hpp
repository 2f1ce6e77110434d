// What is wrong with a configuration file: every fault at once, each with its place, the value, the rule and the way out.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::config {

struct config_error {
  std::string path;    // "endpoint.responses[1].then"; empty: the file as a whole
  std::string value;   // as the message shows it; empty for a missing member and for a secret
  std::string message; // without the path: "15x" is not a duration; write e.g. 15s
  int line = 0;        // of the file, from 1; 0: unknown

  friend bool operator==(const config_error&, const config_error&) = default;
};

using config_errors = std::vector<config_error>; // never empty as an error; in the file's order

template <class T>
using loaded = boost::system::result<T, config_errors>;

// result<T>::value() on a faulty configuration is a bug of the caller: throws std::logic_error with the first message.
[[noreturn]] void throw_exception_from_error(const config_errors& errors, const boost::source_location& where);

// "tocsin.yaml:12: endpoint.timeout: "15x" is not a duration; write e.g. 15s", without a line break.
[[nodiscard]] std::string to_text(const config_error& error, std::string_view file);

} // namespace tocsin::config
