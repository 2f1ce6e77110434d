// The program from outside: exit codes, what it says, and the demo.
#include "support/process.hpp"
#include "support/relay.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tocsin::integration {
namespace {

using namespace std::chrono_literals;
using support::run;
using support::tocsin_program;

support::run_result tocsin(std::vector<std::string> arguments, support::process_options options = {}) {
  arguments.insert(arguments.begin(), tocsin_program().string());
  return run(std::move(arguments), 60s, std::move(options));
}

struct configuration {
  explicit configuration(std::string_view text) { support::write_file(file, text); }
  support::temporary_directory directory;
  std::filesystem::path file = directory.path() / "tocsin.yaml";
};

constexpr std::string_view smallest = R"(
kafka: {brokers: "127.0.0.1:1", topics: [event], group: omp}
endpoint: {url: "http://127.0.0.1:1/"}
dead_letter: off
admin: {ops: "127.0.0.1:0", listen: "127.0.0.1:0"}
)";

TEST(cli, bad_usage_is_64) {
  EXPECT_EQ(tocsin({}).end.code, 64);
  EXPECT_EQ(tocsin({"fly"}).end.code, 64);
  EXPECT_EQ(tocsin({"run", "--no-such-option"}).end.code, 64);
  EXPECT_EQ(tocsin({"demo", "--for", "soon"}).end.code, 64);
}

TEST(cli, help_and_version_are_0) {
  EXPECT_EQ(tocsin({"--help"}).end.code, 0);
  const auto version = tocsin({"--version"});
  EXPECT_EQ(version.end.code, 0);
  EXPECT_NE(version.out.find("0.1.0"), std::string::npos) << version.out;
}

TEST(cli, a_bad_configuration_is_78_and_every_error_is_named_at_once) {
  const configuration bad(R"(
kafka: {brokers: "127.0.0.1:1", topics: [event], group: omp, brokrs: x}
event: {mapping: no-mapping.json, skip: [{when: "a b", as: rule}]}
endpoint: {url: "http://127.0.0.1:1/", timeout: 15x, auth: {bearer: {file: no-token}}}
retry: {initial: 1m}
dead_letter: off
)");
  for (const auto* command : {"run", "check"}) {
    const auto result = tocsin({command, "--config", bad.file.string()});
    EXPECT_EQ(result.end.code, 78) << command;
    const auto said = result.out + result.err;
    for (const auto* fault : {":2: kafka.brokrs: ", ":3: event.mapping: ", "no-mapping.json", ":3: event.skip[0].when: ",
                              ":4: endpoint.timeout: \"15x\" ", ":4: endpoint.auth.bearer.file: ", ":5: retry.initial: "})
      EXPECT_NE(said.find(fault), std::string::npos) << fault << " in " << said;
  }
}

TEST(cli, a_configuration_that_is_not_there_is_78) {
  const auto result = tocsin({"run", "-c", "/nowhere/tocsin.yaml"});
  EXPECT_EQ(result.end.code, 78);
  EXPECT_NE((result.out + result.err).find("/nowhere/tocsin.yaml"), std::string::npos);
}

TEST(cli, check_accepts_a_good_configuration) {
  const configuration good(smallest);
  const auto result = tocsin({"check", "-c", good.file.string()});
  EXPECT_EQ(result.end.code, 0) << result.out << result.err;
}

TEST(cli, the_example_configuration_is_good) {
  const auto result = tocsin({"check", "-c", (support::guance_folder() / "tocsin.yaml").string()});
  EXPECT_EQ(result.end.code, 0) << result.out << result.err;
}

TEST(cli, transform_writes_a_line_for_every_line) {
  support::process_options options;
  options.input = "{\"a\": 1}\nno json\n";
  support::temporary_directory directory;
  support::write_file(directory.path() / "m.json", R"({"b": {"$eval": "a"}})");
  const auto result = tocsin({"transform", "--mapping", (directory.path() / "m.json").string()}, options);
  EXPECT_EQ(result.end.code, 0) << result.err;
  std::istringstream lines(result.out);
  std::string first, second, third;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_FALSE(std::getline(lines, third));
  const auto one = boost::json::parse(first).as_object(), two = boost::json::parse(second).as_object();
  EXPECT_EQ(one.at("line").as_int64(), 1);
  EXPECT_EQ(one.at("outcome").as_string(), "deliver");
  EXPECT_TRUE(one.at("order_key").is_null());
  EXPECT_EQ(one.at("body"), boost::json::parse(R"({"b": 1})"));
  EXPECT_EQ(two.at("line").as_int64(), 2);
  EXPECT_EQ(two.at("outcome").as_string(), "refuse");
  EXPECT_EQ(two.at("reason").as_string(), "not_json");
}

TEST(cli, transform_looks_up_in_the_tables_of_a_configuration) {
  support::process_options options;
  options.input = "{\"service\": \"checkout\"}\n{\"service\": \"billing\"}\n";
  const configuration tables("event: {mapping: m.json, tables: {teams: {file: teams.json}}}\n");
  const auto folder = tables.file.parent_path();
  support::write_file(folder / "m.json", R"j({"team": {"$eval": "get(tables.teams, [service], 'operations')"}})j");
  support::write_file(folder / "teams.json", R"({"checkout": "payments"})");
  const auto result = tocsin({"transform", "-c", tables.file.string(), "--bodies"}, options);
  EXPECT_EQ(result.end.code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"team\":\"payments\"}\n{\"team\":\"operations\"}\n");
}

TEST(cli, a_broken_mapping_is_78) {
  support::temporary_directory directory;
  support::write_file(directory.path() / "m.json", R"({"b": {"$eval": "a +"}})");
  const auto result = tocsin({"transform", "--mapping", (directory.path() / "m.json").string()});
  EXPECT_EQ(result.end.code, 78) << result.out << result.err;
}

TEST(cli, the_demo_ends_by_itself_with_a_summary) {
  const auto result = tocsin({"demo", "--for", "3s"});
  EXPECT_EQ(result.end.code, 0) << result.out << result.err;
  for (const auto* word : {"delivered", "refused", "retried"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word << "\n" << result.out;
}

TEST(cli, a_relay_that_has_no_broker_yet_still_stops_at_once) {
  const configuration good(smallest);
  support::process relay({tocsin_program().string(), "run", "-c", good.file.string()});
  ASSERT_TRUE(relay.wait_for_output("127.0.0.1:1", 20s)) << relay.out() << relay.err(); // it says who is not there
  relay.send(SIGTERM);
  const auto end = relay.wait(20s);
  ASSERT_TRUE(end) << relay.out() << relay.err();
  EXPECT_EQ(end->code, 0) << relay.out() << relay.err();
}

} // namespace
} // namespace tocsin::integration
