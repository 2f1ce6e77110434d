// The members of a configuration file: one line each. config.schema.json describes the same for editors; a test holds them
// together.
#pragma once

#include "config/table.hpp"

namespace tocsin::config {

[[nodiscard]] const table<event_settings>& event_members();
[[nodiscard]] const table<settings>& settings_members();

} // namespace tocsin::config
