// What `run` and `check` have in common: everything that can be found wrong without a broker or an endpoint.
#pragma once

#include "app/assembly.hpp"
#include "config/settings.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace tocsin::cli {

struct prepared {
  config::settings settings;
  app::assembly assembly;
};

struct faults {
  std::vector<std::string> messages; // each with the file's name first; never empty as an error
};
[[noreturn]] void throw_exception_from_error(const faults& faults, const boost::source_location& where);

// Loads the file and compiles and reads what it names.
[[nodiscard]] boost::system::result<prepared, faults> prepare(const std::filesystem::path& config);

// Writes the messages to standard error, a line each.
void tell(const faults& faults);

} // namespace tocsin::cli
