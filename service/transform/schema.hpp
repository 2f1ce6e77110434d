// JSON Schema draft 7 over Boost.JSON, compiled once to a flat program. https://json-schema.org/draft-07
//
// Every validation keyword of the draft; `format` is an assertion where asked for, `contentMediaType` and `contentEncoding` are
// annotations. Patterns are ECMA-262 with Unicode semantics, run by RE2 in linear time; one that RE2 cannot take (look-around,
// back-references) is refused when compiling. References reach the same document, other local files and the draft's own
// metaschema; nothing is ever fetched. Numbers are compared by value, exactly, whatever their kind: 1 is 1.0.
//
// compile() reads files and allocates; what it returns is immutable and may be shared between threads.
#pragma once

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::schema {

namespace detail {
struct program;
}

struct schema_options {
  bool assert_format = false;           // idn-hostname cannot be asserted and is then refused by name
  std::filesystem::path file;           // where the schema comes from; relative references are files beside it. Empty: no files
  std::uint64_t max_steps = 16'000'000; // schema nodes visited in one check; a check that needs more ends in a violation
  double (*nearest)(double) = nullptr;  // what a NaN stands for, where the parser marks numbers beyond 64 bits with NaNs
};

// Why a schema is refused. what() style text: "<file>: <pointer>: <message>".
struct schema_error {
  std::string file;    // empty: not from a file
  std::string pointer; // JSON pointer of the faulty keyword or subschema in that file
  std::string message; // the value, the rule, the way out
};
[[nodiscard]] std::string to_string(const schema_error&);
[[noreturn]] void throw_exception_from_error(const schema_error&, const boost::source_location&);

// The first reason why an instance does not fit. No text holds more than 80 characters of the instance, and only member names.
struct violation {
  std::string instance; // JSON pointer of the value at fault; for a missing or unknown member, of the object
  std::string rule; // the keyword: "required", "type", …; "false" for a schema that allows nothing, "limit" for a bound of ours
  std::string pointer; // JSON pointer of the keyword in its schema; "<file>#<pointer>" in another file than the first
  std::string member;  // the member that is missing (required, dependencies) or not allowed (additionalProperties)
  std::string message; // e.g. `member "df_title" is missing`, `is a string, must be a number`
};
// One line: `/date: is a string, must be a number (/properties/date/type)`.
[[nodiscard]] std::string to_string(const violation&);

class schema {
public:
  explicit schema(std::shared_ptr<const detail::program>) noexcept;

  // Stops at the first fault. Does not allocate while the instance is valid (`uniqueItems` on arrays of more than 16 excepted).
  [[nodiscard]] std::optional<violation> check(const boost::json::value& instance) const;

  // Every fault, in the order of the instance. Of a failed anyOf or oneOf, the faults of its only branch for that type of value.
  void check_all(const boost::json::value& instance, const std::function<void(violation)>& report) const;

private:
  std::shared_ptr<const detail::program> program_;
};

// Compiles a schema that is already parsed.
[[nodiscard]] boost::system::result<schema, schema_error> compile(const boost::json::value&, const schema_options& = {});

// Reads, parses and compiles options.file.
[[nodiscard]] boost::system::result<schema, schema_error> compile_file(const schema_options&);
// Everything that compile_file() would refuse; 100 faults at most.
[[nodiscard]] std::vector<schema_error> faults_of_file(const schema_options&);

} // namespace tocsin::schema
