// From main's arguments to an exit code.
#pragma once

#include "app/admin_listener.hpp"

#include <span>

namespace tocsin::cli {

// Parses and does it. `admin` makes the admin server, which this side does not know.
[[nodiscard]] int dispatch(std::span<const char* const> arguments, const app::admin_factory& admin);

} // namespace tocsin::cli
