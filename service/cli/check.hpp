// tocsin check: whether a configuration would start, and what it would do.
#pragma once

#include "cli/exit_codes.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>

namespace tocsin::cli {

struct check_options {
  std::filesystem::path config;
  bool print = false; // the effective configuration as JSON on standard output, instead of the summary
};

// Every fault on standard error and 78; or a summary on standard output and 0. Asks neither broker nor endpoint.
[[nodiscard]] exit_code check(const check_options& options);

// A few lines on what a relay of these settings does.
[[nodiscard]] std::string summary(const config::settings& settings);

} // namespace tocsin::cli
