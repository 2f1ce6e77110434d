// Bytes of a record -> a verdict: parse, check against the schema, ask the skip rules, find the order key, map, check what was
// made (design 6). In this order: the schema refuses before a skip rule is asked.
//
// Where there is neither schema nor mapping nor skip rule nor order expression, nothing looks inside the value: any bytes are
// relayed as they are, a null value as an empty body. With any of them, what is no JSON is refused, a null value included.
#pragma once

#include "config/settings.hpp"
#include "transform/record_view.hpp"
#include "transform/verdict.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::transform {

// What is wrong with a schema, mapping or rule. Found at start, all at once.
struct problem {
  std::string member;  // "event.mapping", "event.skip[0].when"
  std::string file;    // empty: the text stands in the configuration itself
  std::string pointer; // JSON pointer into the file; empty for the whole file and for an expression
  std::string message; // the value, the rule, the way out; for an expression several lines with a caret under the column
};
// "event.mapping: to-omp.json: …"; as many lines as the message has.
[[nodiscard]] std::string to_string(const problem&);
[[nodiscard]] std::string without_member(const problem&); // "to-omp.json: …"

using problems = std::vector<problem>;
[[noreturn]] void throw_exception_from_error(const problems&, const boost::source_location&);

// Told of each node of the mapping's template that was rendered, after it: its JSON pointer and its value as JSON text, empty
// where it was left out.
using explain_hook = std::function<void(std::string_view pointer, std::string_view value)>;

// One event at a time, on one thread. Memory is kept from event to event and bounded by event.max_bytes.
class transformer {
public:
  virtual ~transformer() = default;

  // Never throws for anything in the record.
  virtual void transform(const record_view&, verdict&) = 0;

  // The same, slower, telling how the mapping got there.
  virtual void transform(const record_view&, verdict&, const explain_hook&) = 0;

  // Whether the record's headers may be looked at.
  [[nodiscard]] virtual bool uses_headers() const noexcept = 0;
};

struct transformer_options {
  std::filesystem::path folder;                                            // what relative paths in the settings are relative to
  std::function<std::chrono::sys_time<std::chrono::milliseconds>()> clock; // for `now` and $fromNow; empty: the system's
};

// Reads and compiles everything that `event` names. Blocking file I/O; start-up and reload only.
[[nodiscard]] boost::system::result<std::unique_ptr<transformer>, problems> make_transformer(const config::event_settings&,
                                                                                             const transformer_options& = {});

} // namespace tocsin::transform
