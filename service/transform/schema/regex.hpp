// ECMA-262 regular expressions (the "u" flag's semantics, as JSON Schema asks) as RE2 understands them.
#pragma once

#include <boost/system/result.hpp>
#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

namespace tocsin::schema::detail {

enum class regex_fault { syntax, unsupported };

struct regex_error {
  regex_fault fault;
  std::string message; // what is wrong, with its position
};
[[noreturn]] void throw_exception_from_error(const regex_error&, const boost::source_location&);

// The same expression in RE2's syntax. `unsupported`: a correct expression that cannot be matched in linear time.
[[nodiscard]] boost::system::result<std::string, regex_error> to_re2(std::string_view pattern);

[[nodiscard]] boost::system::result<std::unique_ptr<RE2>, regex_error> compile_regex(std::string_view pattern);

} // namespace tocsin::schema::detail
