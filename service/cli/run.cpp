#include "cli/run.hpp"

#include "app/relay.hpp"
#include "cli/exit_codes.hpp"
#include "cli/prepare.hpp"
#include "observe/log.hpp"

namespace tocsin::cli {

int run(const run_options& options, const app::admin_factory& admin) {
  auto ready = prepare(options.config);
  if (!ready) {
    tell(ready.error());
    return to_int(exit_code::configuration);
  }
  const log::session logging({.level = ready->settings.log.level, .format = ready->settings.log.format});
  for (const auto& warning : ready->assembly.warnings) log::warning(warning);
  return app::run_relay(ready->settings, std::move(ready->assembly), {.admin = admin, .observer = {}});
}

} // namespace tocsin::cli
