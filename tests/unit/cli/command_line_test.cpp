#include "cli/command_line.hpp"
#include "config/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tocsin::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

command parse(std::vector<const char*> arguments) { return parse_command_line(arguments); }

template <class Options>
Options parsed(std::vector<const char*> arguments) {
  auto result = parse(arguments);
  if (const auto* const said = std::get_if<saying>(&result)) ADD_FAILURE() << said->text;
  return std::get<Options>(std::move(result));
}

saying said(std::vector<const char*> arguments) { return std::get<saying>(parse(arguments)); }

TEST(command_line, knows_its_commands) {
  EXPECT_EQ(parsed<run_options>({"run", "-c", "f.yaml"}).config, "f.yaml");
  EXPECT_EQ(parsed<run_options>({"run", "--config", "f.yaml"}).config, "f.yaml");
  EXPECT_EQ(parsed<run_options>({"run", "--config=f.yaml"}).config, "f.yaml");
  EXPECT_FALSE(parsed<check_options>({"check", "-c", "f.yaml"}).print);
  EXPECT_TRUE(parsed<check_options>({"check", "-c", "f.yaml", "--print"}).print);
}

TEST(command_line, reads_the_demo_s_length) {
  EXPECT_EQ(parsed<app::demo_options>({"demo"}).length, 15s);
  EXPECT_EQ(parsed<app::demo_options>({"demo", "--for", "2m"}).length, 2min);
  EXPECT_EQ(parsed<app::demo_options>({"demo", "--for", "0"}).length, 0s);
  EXPECT_EQ(parsed<app::demo_options>({"demo", "--rate", "1000"}).events_per_second, 1000U);
  EXPECT_EQ(said({"demo", "--for", "15"}).text,
            "tocsin demo: --for: \"15\" is not a duration; write e.g. 15s\nTry tocsin demo --help.\n");
  EXPECT_EQ(said({"demo", "--for", "15ms"}).code, exit_code::usage);
  EXPECT_EQ(said({"demo", "--rate", "0"}).text,
            "tocsin demo: --rate: \"0\" is not a number from 1 to 100000\nTry tocsin demo --help.\n");
}

TEST(command_line, reads_what_transform_wants) {
  const auto all =
      parsed<transform_options>({"transform", "--mapping", "m", "--schema", "s", "--bodies", "--explain", "--watch", "events"});
  EXPECT_EQ(all.mapping, "m");
  EXPECT_EQ(all.schema, "s");
  EXPECT_EQ(all.input, "events");
  EXPECT_TRUE(all.bodies && all.explain && all.watch);
  EXPECT_EQ(parsed<transform_options>({"transform", "-c", "f"}).config, "f");
  EXPECT_EQ(parsed<transform_options>({"transform", "-c", "f", "-"}).input, "-");
}

TEST(command_line, reads_what_healthcheck_wants) {
  const auto plain = parsed<healthcheck_options>({"healthcheck"});
  EXPECT_EQ(plain.address, "127.0.0.1:8080");
  EXPECT_EQ(plain.question, health_question::ready);
  EXPECT_EQ(plain.timeout, 3s);
  const auto live = parsed<healthcheck_options>({"healthcheck", "--live", "--address", "127.0.0.1:1", "--timeout", "500ms"});
  EXPECT_EQ(live.question, health_question::live);
  EXPECT_EQ(live.address, "127.0.0.1:1");
  EXPECT_EQ(live.timeout, 500ms);
  EXPECT_EQ(said({"healthcheck", "-c", "f", "--address", "127.0.0.1:1"}).code, exit_code::usage);
}

TEST(command_line, wrong_usage_is_64_and_says_what_to_do) {
  const auto unknown = said({"chekc", "-c", "f"});
  EXPECT_EQ(unknown.code, exit_code::usage);
  EXPECT_EQ(unknown.text, "tocsin: \"chekc\" is no command; did you mean \"check\"?\nTry tocsin --help.\n");
  const auto missing = said({"run"});
  EXPECT_EQ(missing.code, exit_code::usage);
  EXPECT_EQ(missing.text, "tocsin run: --config is required\nTry tocsin run --help.\n");
  for (const auto& wrong : std::vector<std::vector<const char*>>{{"run", "-c"},
                                                                 {"run", "-c", "f", "g"},
                                                                 {"run", "-c", "f", "--x"},
                                                                 {"--x"},
                                                                 {""},
                                                                 {"run", "-c", "f", "check", "-c", "f"}})
    EXPECT_EQ(said(wrong).code, exit_code::usage);
}

TEST(command_line, nothing_at_all_shows_how_to_begin) {
  const auto nothing = said({});
  EXPECT_EQ(nothing.code, exit_code::usage);
  EXPECT_THAT(nothing.text, HasSubstr("tocsin demo"));
}

TEST(command_line, help_is_no_failure_and_names_every_command) {
  for (const auto& asked : std::vector<std::vector<const char*>>{{"--help"}, {"-h"}, {"help"}}) {
    const auto help = said(asked);
    EXPECT_EQ(help.code, exit_code::success);
    for (const auto* const name : {"run", "check", "demo", "transform", "healthcheck", "78"})
      EXPECT_THAT(help.text, HasSubstr(name));
  }
  for (const auto* const name : {"run", "check", "demo", "transform", "healthcheck"}) {
    const auto help = said({name, "--help"});
    EXPECT_EQ(help.code, exit_code::success);
    EXPECT_THAT(help.text, HasSubstr("--"));
    EXPECT_THAT(help.text, HasSubstr(std::string("tocsin ") + name));
  }
}

TEST(command_line, the_version_names_what_the_program_is_made_of) {
  const auto version = said({"--version"});
  EXPECT_EQ(version.code, exit_code::success);
  EXPECT_THAT(version.text, testing::StartsWith("tocsin " + std::string(config::version()) + " ("));
  EXPECT_THAT(version.text, HasSubstr("\nlibrdkafka 2."));
  EXPECT_THAT(version.text, HasSubstr(std::string(config::compiler())));
}

} // namespace
} // namespace tocsin::cli
