// A configuration file -> settings. Blocking file I/O; start-up and reload only.
#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string_view>

namespace tocsin::config {

// Reads, replaces ${NAME}, checks everything and says everything that is wrong. Paths in the result are relative to nothing:
// those of the file are taken from its folder. Nothing but the file is read; what it names is compiled
// and read by app::assemble().
[[nodiscard]] loaded<settings> load(const std::filesystem::path& file, const environment& variables = process_environment());

// The same for a text that stands in `folder`.
[[nodiscard]] loaded<settings> load_text(std::string_view text, const std::filesystem::path& folder,
                                         const environment& variables);

// Only the member `event`: faults of the others, and variables that only they name, do not matter.
[[nodiscard]] loaded<event_settings> load_event_settings(const std::filesystem::path& file,
                                                         const environment& variables = process_environment());

} // namespace tocsin::config
