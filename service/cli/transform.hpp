// tocsin transform: what would be sent for each event of a file, nothing consumed, nothing pushed (docs/transform.md).
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <vector>

namespace tocsin::cli {

struct transform_options {
  std::filesystem::path config;  // either this: its `event` part is used, and its headers where the rest of it is right, too…
  std::filesystem::path mapping; // …or these, with the defaults of `event`; not both
  std::filesystem::path schema;
  std::filesystem::path input; // one event a line; empty or "-": standard input
  bool bodies = false;         // the bodies alone, one a line, as they would be posted
  bool explain = false;        // after each event, what every node of the mapping's template came to
  bool watch = false;          // again whenever one of the files changes; wants an input file
  bool colours = false;
};

// Writes one line for each event to `out`; what is wrong with the files goes to `err`. 0, also where events are refused; 1 where
// the input cannot be read or the output cannot be written; 64 where the options contradict each other; 78 where configuration,
// schema, mapping or a rule is wrong.
[[nodiscard]] int run_transform(const transform_options&, std::istream& in, std::ostream& out, std::ostream& err);

// With --watch: waits until one of the files may have changed. False: stop.
using change_wait = std::function<bool(const std::vector<std::filesystem::path>&)>;
[[nodiscard]] int run_transform(const transform_options&, std::istream& in, std::ostream& out, std::ostream& err,
                                const change_wait& wait);

// The same on the process's own streams, coloured where standard output is a terminal and NO_COLOR is not set.
[[nodiscard]] int run_transform(transform_options);

} // namespace tocsin::cli
