#include "cli/dispatch.hpp"

#include "cli/command_line.hpp"

#include <cstdio>
#include <exception>

namespace tocsin::cli {
namespace {

struct doer {
  const app::admin_factory& admin;

  int operator()(const saying& said) const {
    std::fputs(said.text.c_str(), said.code == exit_code::success ? stdout : stderr);
    return to_int(said.code);
  }
  int operator()(const run_options& options) const { return run(options, admin); }
  int operator()(const check_options& options) const { return to_int(check(options)); }
  int operator()(const app::demo_options& options) const { return app::run_demo(options, admin); }
  int operator()(const transform_options& options) const { return run_transform(options); }
  int operator()(const healthcheck_options& options) const { return to_int(healthcheck(options)); }
};

} // namespace

int dispatch(std::span<const char* const> arguments, const app::admin_factory& admin) {
  try {
    return std::visit(doer{admin}, parse_command_line(arguments));
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "tocsin: %s\n", fault.what());
    return to_int(exit_code::failure);
  }
}

} // namespace tocsin::cli
