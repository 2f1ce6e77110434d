// A configuration file -> settings. Blocking file I/O; start-up and reload only.
#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string_view>

namespace tocsin::config {

// What a file says, as far as it can be understood.
template <class T>
struct reading {
  T values{};           // a member with a fault has its default, and an element of a list that has one keeps its place
  config_errors errors; // empty: the values are all that the file says
  line_table lines;     // for add_faults()
};

// Reads, replaces ${NAME}, checks everything and says everything that is wrong: each member by itself, and against others where
// all of them are right by themselves. Paths in the result are relative to nothing: those of the file are taken from its folder.
// Nothing but the file is read; what it names is compiled and read by app::assemble().
[[nodiscard]] reading<settings> read(const std::filesystem::path& file, const environment& variables = process_environment());

// The same for a text that stands in `folder`.
[[nodiscard]] reading<settings> read_text(std::string_view text, const std::filesystem::path& folder,
                                          const environment& variables);

// Only the member `event`: faults of the others, and variables that only they name, do not matter.
[[nodiscard]] reading<event_settings> read_event(const std::filesystem::path& file,
                                                 const environment& variables = process_environment());

// The same where nothing less than the whole will do.
[[nodiscard]] loaded<settings> load(const std::filesystem::path& file, const environment& variables = process_environment());
[[nodiscard]] loaded<settings> load_text(std::string_view text, const std::filesystem::path& folder,
                                         const environment& variables);

} // namespace tocsin::config
