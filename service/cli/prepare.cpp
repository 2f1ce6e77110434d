#include "cli/prepare.hpp"

#include "config/load.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

namespace tocsin::cli {

void throw_exception_from_error(const faults& faults, const boost::source_location&) {
  throw std::logic_error(faults.messages.empty() ? "faulty configuration" : faults.messages.front());
}

boost::system::result<prepared, faults> prepare(const std::filesystem::path& config) {
  faults wrong;
  auto settings = config::load(config);
  if (!settings) {
    for (const auto& error : settings.error()) wrong.messages.push_back(config::to_text(error, config.string()));
    return wrong;
  }
  auto assembly = app::assemble(*settings);
  if (!assembly) {
    for (const auto& message : assembly.error().messages)
      wrong.messages.push_back(fmt::format("{}: {}", config.string(), message));
    return wrong;
  }
  return prepared{*std::move(settings), *std::move(assembly)};
}

void tell(const faults& faults) {
  for (const auto& message : faults.messages) fmt::print(stderr, "{}\n", message);
}

} // namespace tocsin::cli
