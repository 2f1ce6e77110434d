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

TEST_F(check_test, every_fault_of_the_file_and_of_what_it_names_is_told_at_once_with_its_line) {
  file("m.json", R"({"a": {"$eval": "b +"}})");
  file("s.json", R"({"type": "objekt"})");
  const auto config = file("c.yaml", R"(kafka:
  brokers: kafka:9092
  topics: [event, event]
  group: 7
  properties:
    clientid: a
    sasl.password: {file: none}
event:
  schema: s.json
  mapping: m.json
  outbound_schema: none.json
  max_bytes: 1MB
  skip:
    - {when: "a b", as: x}
    - {as: y}
    - {when: "c d", as: "z z"}
  order_by: "e f"
endpoint:
  url: https://omp.example/
  timeout: 15x
  auth: {basic: {user: a, password: {file: none}}}
  tls: {ca_file: none.pem, key_file: none.key}
  signing_secret: {file: none}
  responses:
    - {when: "statsu == 200", then: skipped}
    - {when: 7, then: rejected}
    - {when: "body.", then: delivered, as: x}
retry: {initial: 1m}
admin: {listen: "0.0.0.0:8081", token: {file: none}}
logs: {}
)");
  std::vector<std::string> told;
  for (const auto& fault : faults_of(config)) {
    EXPECT_THAT(fault, testing::StartsWith(config.string() + ":"));
    told.push_back(fault.substr(config.string().size() + 1, fault.find(": ", fault.find(": ") + 2) - config.string().size() - 1));
  }
  EXPECT_THAT(told,
              ElementsAre("1: dead_letter", "3: kafka.topics[1]", "4: kafka.group", "6: kafka.properties.clientid",
                          "7: kafka.properties.sasl.password.file", "9: event.schema", "10: event.mapping",
                          "11: event.outbound_schema", "12: event.max_bytes", "14: event.skip[0].when", "15: event.skip[1].when",
                          "16: event.skip[2].as", "16: event.skip[2].when", "17: event.order_by", "20: endpoint.timeout",
                          "21: endpoint.auth.basic.password.file", "22: endpoint.tls.ca_file", "22: endpoint.tls.cert_file",
                          "22: endpoint.tls.key_file", "23: endpoint.signing_secret.file", "25: endpoint.responses[0].as",
                          "25: endpoint.responses[0].when", "26: endpoint.responses[1].when", "27: endpoint.responses[2].as",
                          "27: endpoint.responses[2].when", "28: retry.initial", "29: admin.token.file", "30: logs"));
}

TEST_F(check_test, what_only_follows_from_another_fault_is_not_told) {
  const std::string_view sections[] = {
      // The schema's file, the mapping's and the URL are not known; the property alone is right.
      "kafka: {brokers: 7, topics: [event], group: 7, properties: {client.id: a, group.protocol: consumer}}\n"
      "event: {schema: 7, mapping: 7, outbound_schema: s.json, order_by: 7}\n"
      "endpoint: {url: a, auth: {bearer: a}, tls: {ca_file: none.pem}}\n"
      "dead_letter: off\nadmin: {token: a}\n",
      // Every rule has one fault, and no second.
      "kafka: {brokers: k, topics: [event], group: omp}\nevent: {skip: [7, {as: x}, {when: \"\", as: x}]}\n"
      "endpoint: {url: \"http://a/\", responses: [7, {then: delivered}, {when: [], then: delivered}]}\ndead_letter: off\n"};
  // Without the password librdkafka would miss it.
  const std::string_view password =
      "kafka: {brokers: k, topics: [event], group: omp, properties: {security.protocol: sasl_ssl, sasl.mechanism: PLAIN, "
      "sasl.username: a, sasl.password: hunter2}}\nendpoint: {url: \"http://a/\"}\ndead_letter: off\n";
  file("s.json", "{}");
  EXPECT_THAT(faults_of(file("a.yaml", sections[0])),
              ElementsAre(HasSubstr("kafka.brokers: 7 is"), HasSubstr("kafka.group: 7 is"), HasSubstr("event.mapping: 7 is"),
                          HasSubstr("event.order_by: 7 is"), HasSubstr("event.schema: 7 is"),
                          HasSubstr("endpoint.auth.bearer: a secret"), HasSubstr("endpoint.tls.ca_file: "),
                          HasSubstr("endpoint.url: \"a\" is"), HasSubstr("admin.token: a secret")));
  EXPECT_EQ(faults_of(file("b.yaml", sections[1])).size(), 6U);
  EXPECT_THAT(faults_of(file("c.yaml", password)), ElementsAre(HasSubstr("kafka.properties.sasl.password: a secret never")));
}

TEST_F(check_test, a_table_that_cannot_be_read_is_told_and_its_name_is_known) {
  file("m.json", R"({"a": {"$eval": "tables.lost[x]"}, "b": "${tables.good.a} ${tables.wrong.b}", "c": "${tables.gone.c}"})");
  file("good.json", "{}");
  const auto config = file("c.yaml", std::string(minimal) + R"(event:
  mapping: m.json
  tables:
    lost: {file: none.json}
    good: {file: good.json}
    wrong: [good.json]
)");
  EXPECT_THAT(faults_of(config), ElementsAre(HasSubstr(":5: event.mapping: "), HasSubstr(":7: event.tables.lost.file: "),
                                             HasSubstr(":9: event.tables.wrong: ")));
  EXPECT_THAT(faults_of(config).front(), HasSubstr("/c: `tables` has no `gone`"));
}

TEST_F(check_test, a_file_that_cannot_be_understood_has_one_fault) {
  EXPECT_THAT(faults_of(file("c.yaml", "kafka: {")), ElementsAre(HasSubstr("is not YAML")));
  EXPECT_THAT(faults_of(file("c.yaml", "kafka")), ElementsAre(HasSubstr("stands where a mapping is wanted")));
  EXPECT_THAT(faults_of(folder_ / "none"), ElementsAre(HasSubstr("cannot be read")));
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
event: {schema: s.json, mapping: m.json, tables: {teams: {file: t.json}, levels: {file: l.json}}, skip: [{when: x, as: quiet}, {when: y, as: late}], order_by: df_host}
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
            "  looks up in  teams, levels\n"
            "  maps with    /etc/m.json\n"
            "  sends        POST http://a/\n"
            "               in order per df_host, over at most 2 connections, 1s for an attempt, 20/min at most\n"
            "  gives up     after 10 attempts or 1h\n"
            "  dead letters off: rejected events are logged, counted and dropped\n"
            "  listens on   0.0.0.0:8080 (health, metrics)\n");
}

} // namespace
} // namespace tocsin::cli
