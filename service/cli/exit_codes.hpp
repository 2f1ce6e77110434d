// What the program's exit codes mean; sysexits.h has the numbers.
#pragma once

namespace tocsin::cli {

enum class exit_code : int {
  success = 0,
  failure = 1,        // it could not be done
  usage = 64,         // the command line is wrong
  configuration = 78, // the configuration is wrong: starting again would not help
};

constexpr int to_int(exit_code code) noexcept { return static_cast<int>(code); }

} // namespace tocsin::cli
