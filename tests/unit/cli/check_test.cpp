#include "cli/check.hpp"
#include "cli/prepare.hpp"
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

constexpr std::string_view minimal =
    "kafka: {brokers: \"kafka:9092\", topics: [event], group: omp}\n"
    "endpoint: {url: \"http://omp.example/api?token=hunter2\"}\ndead_letter: {topic: omp.dead-letter}\n";

class check_test : public testing::Test {
protected:
  void SetUp() override {
    auto pattern = (fs::temp_directory_path() / "tocsin-check-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::vector<std::string> faults_of(const fs::path& config) {
    const auto ready = prepare(config);
    return ready ? std::vector<std::string>() : ready.error().messages;
  }

  fs::path folder_;
};

TEST_F(check_test, a_good_configuration_would_start) {
  const auto config = file("c.yaml", minimal);
  testing::internal::CaptureStdout();
  EXPECT_EQ(check({.config = config}), exit_code::success);
  const auto said = testing::internal::GetCapturedStdout();
  EXPECT_THAT(said, testing::StartsWith(config.string() + ": would start\n"));
  EXPECT_THAT(said, HasSubstr("takes        event from kafka:9092, as group omp\n"));
  EXPECT_THAT(said, HasSubstr("POST http://omp.example/api?***\n"));
  EXPECT_THAT(said, HasSubstr("dead letters go to the topic omp.dead-letter\n"));
  EXPECT_THAT(said, testing::Not(HasSubstr("hunter2")));
}

TEST_F(check_test, a_bad_configuration_would_not_with_every_reason) {
  const auto config = file("c.yaml", "kafka: {brokers: \"kafka:9092\", topics: [event], group: omp}\nendpoint: {url: a}\n");
  testing::internal::CaptureStderr();
  EXPECT_EQ(check({.config = config}), exit_code::configuration);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr(config.string() + ":1: dead_letter: is missing"));
  EXPECT_THAT(said, HasSubstr(config.string() + ":2: endpoint.url: \"a\" is not a URL"));
}

TEST_F(check_test, prints_the_effective_configuration) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(check({.config = file("c.yaml", minimal), .print = true}), exit_code::success);
  const auto said = testing::internal::GetCapturedStdout();
  EXPECT_THAT(said, testing::StartsWith("{\n  \"kafka\": {\n    \"brokers\": \"kafka:9092\""));
  EXPECT_THAT(said, testing::Not(HasSubstr("hunter2")));
}

TEST_F(check_test, what_the_configuration_names_is_looked_at_too) {
  const auto config = file("c.yaml", std::string(minimal) + "event: {mapping: none.json, skip: [{when: \"a b\", as: x}]}\n"
                                                            "admin: {token: {file: none}}\n");
  EXPECT_THAT(faults_of(config),
              testing::UnorderedElementsAre(HasSubstr(": event.mapping: "), HasSubstr(": event.skip[0].when: "),
                                            HasSubstr(": admin.token.file: ")));
}

TEST_F(check_test, librdkafka_looks_at_its_properties) {
  const auto config =
      file("c.yaml", "kafka:\n  brokers: kafka:9092\n  topics: [event]\n  group: omp\n  properties:\n    clientid: a\n"
                     "endpoint: {url: \"http://a/\"}\ndead_letter: off\n");
  EXPECT_THAT(faults_of(config), ElementsAre(HasSubstr("kafka.properties.clientid")));
}

TEST(summary, says_what_a_relay_does) {
  const auto settings = config::load_text(R"(
kafka: {brokers: "k:1", topics: [a, b], group: g, start: 2026-11-22T08:00:00Z}
event: {schema: s.json, mapping: m.json, skip: [{when: x, as: quiet}, {when: y, as: late}], order_by: df_host}
endpoint: {url: "http://a/", rate: 20/min, connections: 2, timeout: 1s}
retry: {max_age: 1h}
dead_letter: off
admin: {listen: off}
)",
                                          "/etc", config::process_environment());
  EXPECT_EQ(summary(settings.value()),
            "  takes        a, b from k:1, as group g\n"
            "  a new group  begins at 2026-11-22T08:00:00Z\n"
            "  checks with  /etc/s.json\n"
            "  skips        quiet, late\n"
            "  maps with    /etc/m.json\n"
            "  sends        POST http://a/\n"
            "               in order per df_host, over at most 2 connections, 1s for an attempt, 20/min at most\n"
            "  gives up     after 10 attempts or 1h\n"
            "  dead letters off: rejected events are logged, counted and dropped\n"
            "  listens on   0.0.0.0:8080 (health, metrics)\n");
}

} // namespace
} // namespace tocsin::cli
