// The command line, parsed: which command, with which options. No I/O.
#pragma once

#include "app/demo.hpp"
#include "cli/check.hpp"
#include "cli/exit_codes.hpp"
#include "cli/healthcheck.hpp"
#include "cli/run.hpp"
#include "cli/transform.hpp"

#include <span>
#include <string>
#include <variant>

namespace tocsin::cli {

// Nothing to be done but to say something: help, the version, or what is wrong with the command line.
struct saying {
  std::string text; // with its line break
  exit_code code = exit_code::success;
};

using command = std::variant<saying, run_options, check_options, app::demo_options, transform_options, healthcheck_options>;

// `arguments` without the program's name.
[[nodiscard]] command parse_command_line(std::span<const char* const> arguments);

} // namespace tocsin::cli
