#include "cli/command_line.hpp"

#include "config/nearest.hpp"
#include "config/quantities.hpp"
#include "config/version.hpp"
#include "kafka/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin::cli {
namespace {

constexpr std::string_view no_command = R"(tocsin relays events from Kafka to an HTTP endpoint.

  tocsin demo                  see it at work: no Kafka, no network, 15 seconds
  tocsin check -c tocsin.yaml  is this configuration right, and what would it do?
  tocsin run -c tocsin.yaml    relay
  tocsin --help                all commands

)";

std::string version_text() {
  return fmt::format("tocsin {} ({})\nlibrdkafka {}\n{}\n", config::version(), config::revision(), kafka::library_version(),
                     config::compiler());
}

// A duration option that reads what the configuration reads.
template <class Duration>
CLI::Option* duration_option(CLI::App& app, const std::string& names, Duration& target, const std::string& description) {
  return app
      .add_option_function<std::string>(
          names,
          [&target, names](const std::string& text) {
            const auto value = config::parse_duration(text);
            const bool whole = value && std::chrono::duration_cast<Duration>(*value) == *value;
            if (!whole && text != "0")
              throw CLI::ValidationError(names, fmt::format("\"{}\" is not a duration; write e.g. 15s", text));
            target = whole ? std::chrono::duration_cast<Duration>(*value) : Duration::zero();
          },
          description)
      ->type_name("DURATION");
}

void config_option(CLI::App& command, std::filesystem::path& target, const std::string& description) {
  command.add_option("-c,--config", target, description)->type_name("FILE");
}

// The commands with the options that they fill in.
struct grammar {
  CLI::App app{
      "tocsin relays events from Kafka to an HTTP endpoint: nothing lost, in order per key, with retries and dead letters.",
      "tocsin"};
  run_options run;
  check_options check;
  app::demo_options demo;
  transform_options transform;
  healthcheck_options healthcheck;
  bool version = false, live = false;
  CLI::App *run_command, *check_command, *demo_command, *transform_command, *healthcheck_command;

  grammar() {
    app.add_flag("--version", version, "Print the version of tocsin and of what it is built with");
    app.set_help_flag("-h,--help", "Print this help");
    app.footer("Begin with `tocsin demo`. Each command has its own --help.\n"
               "Exit codes: 0 done, 1 failed, 64 wrong command line, 78 wrong configuration.");
    app.require_subcommand(0, 1);
    add_run();
    add_check();
    add_demo();
    add_transform();
    add_healthcheck();
  }

  void add_run() {
    run_command = app.add_subcommand("run", "Relay events as the configuration says, until SIGTERM or Ctrl-C");
    config_option(*run_command, run.config, "The configuration, e.g. tocsin.yaml");
    run_command->get_option("--config")->required();
    run_command->footer(
        "SIGTERM finishes what is in flight, commits, leaves the group and exits with 0; a second one ends at once.");
  }

  void add_check() {
    check_command = app.add_subcommand("check", "Say whether a configuration would start, and what it would do");
    config_option(*check_command, check.config, "The configuration, e.g. tocsin.yaml");
    check_command->get_option("--config")->required();
    check_command->add_flag("--print", check.print,
                            "Print the effective configuration as JSON, defaults included, secrets as ***");
    check_command->footer("Compiles schema, mapping and rules and reads the secrets; asks neither Kafka nor the endpoint.\n"
                          "Exit codes: 0 it would start, 78 it would not, with every reason.");
  }

  void add_demo() {
    demo_command =
        app.add_subcommand("demo", "See the whole relay at work on this machine: no Kafka, no network, nothing to set up");
    duration_option(*demo_command, "--for", demo.length, "How long, e.g. 15s (the default); 0 goes on until Ctrl-C");
    demo_command->add_option("--rate", demo.events_per_second, "Sample alerts a second")
        ->type_name("NUMBER")
        ->capture_default_str()
        ->check([](const std::string& text) {
          return CLI::Range(1, 100'000)(text).empty() ? std::string()
                                                      : fmt::format("\"{}\" is not a number from 1 to 100000", text);
        });
    demo_command->footer(
        "A broker and an endpoint in this process, alerts through the example's schema and mapping, faults included;\n"
        "at the end, the numbers that must add up. Exit codes: 0 they do, 1 they do not.");
  }

  void add_transform() {
    transform_command =
        app.add_subcommand("transform", "Show what would be sent for events from a file; nothing is consumed or pushed");
    auto* const config =
        transform_command->add_option("-c,--config", transform.config, "A configuration; only its part `event` is needed");
    auto* const mapping =
        transform_command->add_option("--mapping", transform.mapping, "A mapping (JSON-e), instead of a configuration");
    auto* const schema = transform_command->add_option("--schema", transform.schema, "A JSON Schema, to go with --mapping");
    for (auto* const option : {config, mapping, schema}) option->type_name("FILE");
    transform_command->add_option("events", transform.input, "The events, one a line; standard input where left out")
        ->type_name("FILE");
    transform_command->add_flag("--bodies", transform.bodies, "Write the bodies alone, as they would be posted");
    transform_command->add_flag("--explain", transform.explain, "Write what every node of the mapping came to");
    transform_command->add_flag("--watch", transform.watch, "Again whenever one of the files changes");
    transform_command->footer("One JSON object a line: {\"line\":1,\"outcome\":\"deliver\",...}; a refused event is no failure.");
  }

  void add_healthcheck() {
    healthcheck_command =
        app.add_subcommand("healthcheck", "Ask a running relay whether it is ready, for container health checks");
    config_option(*healthcheck_command, healthcheck.config, "Ask the relay of this configuration (its admin.ops)");
    healthcheck_command->add_option("--address", healthcheck.address, "The relay's ops listener, where no configuration is given")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    healthcheck_command->add_flag("--live", live, "Ask whether it is alive (/livez) instead of ready (/readyz)");
    duration_option(*healthcheck_command, "--timeout", healthcheck.timeout, "How long to wait, e.g. 3s (the default)");
    healthcheck_command->footer("Exit codes: 0 it is, 1 it is not or does not answer.");
  }

  command chosen() {
    if (version) return saying{version_text()};
    if (run_command->parsed()) return run;
    if (check_command->parsed()) return check;
    if (demo_command->parsed()) return demo;
    if (transform_command->parsed()) return transform;
    if (healthcheck_command->parsed()) {
      if (!healthcheck.config.empty() && healthcheck_command->count("--address") > 0)
        return saying{"tocsin healthcheck: --config names the address, so it does not go with --address\n"
                      "Try tocsin healthcheck --help.\n",
                      exit_code::usage};
      healthcheck.question = live ? health_question::live : health_question::ready;
      return healthcheck;
    }
    return saying{std::string(no_command), exit_code::usage};
  }

  // The command that was being read, for messages: "tocsin check".
  std::string name_of_chosen() const {
    for (const auto* const command : app.get_subcommands()) return "tocsin " + command->get_name();
    return "tocsin";
  }
};

// A first word that is no command, with the one that was meant.
std::optional<saying> unknown_command(const grammar& g, std::string_view first) {
  std::vector<std::string_view> names;
  std::vector<std::string> kept;
  for (const auto* const command : g.app.get_subcommands({})) kept.push_back(command->get_name());
  for (const auto& name : kept) names.push_back(name);
  if (first.starts_with('-') || std::ranges::find(names, first) != names.end()) return std::nullopt;
  return saying{fmt::format("tocsin: \"{}\" is no command; {}\nTry tocsin --help.\n", first, config::known_names(first, names)),
                exit_code::usage};
}

} // namespace

command parse_command_line(std::span<const char* const> arguments) {
  grammar g;
  if (!arguments.empty() && arguments[0] == std::string_view("help")) return saying{g.app.help()};
  if (!arguments.empty())
    if (auto unknown = unknown_command(g, arguments[0])) return *std::move(unknown);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 wants them
  try {
    g.app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return saying{g.app.help()};
  } catch (const CLI::ParseError& error) {
    const auto name = g.name_of_chosen();
    return saying{fmt::format("{}: {}\nTry {} --help.\n", name, error.what(), name), exit_code::usage};
  }
  return g.chosen();
}

} // namespace tocsin::cli
