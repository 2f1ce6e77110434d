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
  auto read = config::read(config);
  auto assembly = app::assemble(read.values);
  if (!assembly) config::add_faults(read.errors, assembly.error(), read.lines);
  if (read.errors.empty()) return prepared{std::move(read.values), *std::move(assembly)};
  faults wrong;
  for (const auto& error : read.errors) wrong.messages.push_back(config::to_text(error, config.string()));
  return wrong;
}

void tell(const faults& faults) {
  for (const auto& message : faults.messages) fmt::print(stderr, "{}\n", message);
}

} // namespace tocsin::cli
