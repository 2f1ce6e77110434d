// Connections are file descriptors, and the usual soft limit of 1,024 is soon reached.
#pragma once

#include <cstdint>

namespace tocsin::app {

// Raises the process's soft limit on open files to its hard limit. Returns what holds now.
std::uint64_t raise_file_limit() noexcept;

} // namespace tocsin::app
