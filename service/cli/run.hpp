// tocsin run: the relay, until a signal ends it.
#pragma once

#include "app/admin_listener.hpp"

#include <filesystem>

namespace tocsin::cli {

struct run_options {
  std::filesystem::path config;
};

// 0 after a stop that was asked for, 1 after a fault that is logged, 78 where the configuration is wrong (told on standard
// error).
[[nodiscard]] int run(const run_options& options, const app::admin_factory& admin);

} // namespace tocsin::cli
