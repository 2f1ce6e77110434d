#include "config/load.hpp"
#include "config/secrets.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace tocsin::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view complete = R"(
# yaml-language-server: $schema=../config.schema.json
kafka:
  brokers: kafka-0:9092,SSL://kafka-1:9093
  topics: [event, alert.v2]
  group: omp
  start: 2026-11-22T16:00:00+08:00
  instance_id: ${POD}
  properties:
    session.timeout.ms: 12000
    enable.metrics.push: false
    client.rack: "a"
    sasl.password: {file: secrets/kafka}
event:
  schema: guance/event.schema.json
  mapping: /srv/to-omp.json
  outbound_schema: ../omp.json
  tables: {levels: {file: tables/levels.json}, _2: {file: /srv/b}}
  skip: [{when: "df_status == 'info'", as: informational}]
  order_by: "df_workspace_name + df_dimension_tags"
  max_bytes: 65536
  max_depth: 32
  assert_format: true
endpoint:
  url: https://omp.example/api/alerts
  method: PUT
  headers: {X-Source: tocsin, X-Empty: ""}
  auth: {bearer: {file: /run/secrets/omp-token}}
  tls: {ca_file: ca.pem, cert_file: "", key_file: ""}
  signing_secret: {file: whsec}
  connections: ${CONNECTIONS:-128}
  rate: 20/min
  connect_timeout: 1s
  timeout: 500ms
  responses:
    - {when: "status == 200 && body.code == 0", then: delivered}
    - {when: "status == 400", then: skipped, as: no_matching_instance}
retry: {initial: 100ms, max: 1m, max_attempts: 3, max_age: 48h}
dead_letter: {topic: omp.dead-letter}
delivery: {max_in_flight: 100, max_in_flight_bytes: 1GiB, max_uncommitted: 50, commit_interval: 5s}
admin: {ops: "[::]:80", listen: "0.0.0.0:81", token: {file: admin}, allowed_hosts: [tocsin.example, "b:81"]}
log: {level: debug, format: json}
shutdown: {drain: 0s}
)";

TEST(load, reads_every_member) {
  const auto result = load_yaml(complete, variables({{"POD", "tocsin-0"}}));
  ASSERT_TRUE(result.has_value()) << to_text(result.error().front(), "complete");
  const auto& s = *result;
  EXPECT_EQ(s.kafka.brokers, "kafka-0:9092,SSL://kafka-1:9093");
  EXPECT_THAT(s.kafka.topics, ElementsAre("event", "alert.v2"));
  EXPECT_EQ(s.kafka.group, "omp");
  EXPECT_EQ(s.kafka.start, start_policy::at_time);
  EXPECT_EQ(s.kafka.start_time_ms, 1795334400000);
  EXPECT_EQ(s.kafka.instance_id, "tocsin-0");
  EXPECT_THAT(s.kafka.properties,
              ElementsAre(Pair("session.timeout.ms", "12000"), Pair("enable.metrics.push", "false"), Pair("client.rack", "a")));
  ASSERT_EQ(s.kafka.secret_properties.size(), 1U);
  EXPECT_EQ(s.kafka.secret_properties[0].first, "sasl.password");
  EXPECT_EQ(s.kafka.secret_properties[0].second.file, "/etc/tocsin/secrets/kafka");
  EXPECT_EQ(s.event.schema, "/etc/tocsin/guance/event.schema.json");
  EXPECT_EQ(s.event.mapping, "/srv/to-omp.json");
  EXPECT_EQ(s.event.outbound_schema, "/etc/omp.json");
  ASSERT_EQ(s.event.tables.size(), 2U);
  EXPECT_EQ(s.event.tables[0].name, "levels");
  EXPECT_EQ(s.event.tables[0].file, "/etc/tocsin/tables/levels.json");
  EXPECT_EQ(s.event.tables[1].name, "_2");
  ASSERT_EQ(s.event.skip.size(), 1U);
  EXPECT_EQ(s.event.skip[0].when, "df_status == 'info'");
  EXPECT_EQ(s.event.skip[0].as, "informational");
  EXPECT_EQ(std::get<order_by_expression>(s.event.order_by).text, "df_workspace_name + df_dimension_tags");
  EXPECT_EQ(s.event.max_bytes, 65536U);
  EXPECT_EQ(s.event.max_depth, 32U);
  EXPECT_TRUE(s.event.assert_format);
  EXPECT_EQ(s.endpoint.url, "https://omp.example/api/alerts");
  EXPECT_EQ(s.endpoint.method, "PUT");
  EXPECT_THAT(s.endpoint.headers, ElementsAre(Pair("X-Source", "tocsin"), Pair("X-Empty", "")));
  EXPECT_EQ(std::get<bearer_credentials>(s.endpoint.auth).token.file, "/run/secrets/omp-token");
  EXPECT_EQ(s.endpoint.tls.ca_file, "/etc/tocsin/ca.pem");
  EXPECT_TRUE(s.endpoint.tls.cert_file.empty());
  EXPECT_EQ(s.endpoint.signing_secret.file, "/etc/tocsin/whsec");
  EXPECT_EQ(s.endpoint.connections, 128U);
  EXPECT_EQ(s.endpoint.rate.count, 20U);
  EXPECT_EQ(s.endpoint.rate.per, 1min);
  EXPECT_EQ(s.endpoint.connect_timeout, 1s);
  EXPECT_EQ(s.endpoint.timeout, 500ms);
  ASSERT_EQ(s.endpoint.responses.size(), 2U);
  EXPECT_EQ(s.endpoint.responses[0].then, rule_outcome::delivered);
  EXPECT_EQ(s.endpoint.responses[1].then, rule_outcome::skipped);
  EXPECT_EQ(s.endpoint.responses[1].as, "no_matching_instance");
  EXPECT_EQ(s.retry.initial, 100ms);
  EXPECT_EQ(s.retry.max, 1min);
  EXPECT_EQ(s.retry.max_attempts, 3U);
  EXPECT_EQ(s.retry.max_age, 48h);
  EXPECT_EQ(s.dead_letter.topic, "omp.dead-letter");
  EXPECT_EQ(s.delivery.max_in_flight, 100U);
  EXPECT_EQ(s.delivery.max_in_flight_bytes, 1ULL << 30);
  EXPECT_EQ(s.delivery.max_uncommitted, 50U);
  EXPECT_EQ(s.delivery.commit_interval, 5s);
  EXPECT_EQ(s.admin.ops->host, "::");
  EXPECT_EQ(s.admin.ops->port, 80);
  EXPECT_EQ(s.admin.listen->host, "0.0.0.0");
  EXPECT_EQ(s.admin.token.file, "/etc/tocsin/admin");
  EXPECT_THAT(s.admin.allowed_hosts, ElementsAre("tocsin.example", "b:81"));
  EXPECT_EQ(s.log.level, log_level::debug);
  EXPECT_EQ(s.log.format, log_format::json);
  EXPECT_EQ(s.shutdown.drain, 0s);
}

TEST(load, a_section_whose_lines_are_all_comments_has_its_defaults) {
  EXPECT_THAT(faults_of(std::string(minimal) + "event:\n  # schema: a\nretry:\nlog: ~\n"), IsEmpty());
}

TEST(load, words_that_yaml_1_1_takes_for_booleans_are_words) {
  const auto s =
      load_yaml("kafka: {brokers: k, topics: [on], group: y, start: none}\nendpoint: {url: \"http://a/\", rate: none}\n"
                "dead_letter: off\nadmin: {ops: off, listen: off}\nretry: {max_age: none}\n")
          .value();
  EXPECT_EQ(s.kafka.group, "y");
  EXPECT_EQ(s.kafka.start, start_policy::none);
  EXPECT_TRUE(s.dead_letter.topic.empty());
  EXPECT_FALSE(s.admin.ops);
  EXPECT_FALSE(s.admin.listen);
  EXPECT_FALSE(s.retry.max_age);
}

TEST(load, aliases_stand_for_what_they_name) {
  const auto s = load_yaml(std::string(minimal) + "retry: {initial: &t 5s, max: *t}\n").value();
  EXPECT_EQ(s.retry.max, 5s);
}

TEST(load, tells_every_fault_at_once_in_the_order_of_the_file_with_its_line) {
  const auto result = load_yaml(R"(kafka:
  brokers: kafka:9092
  topics: [event]
  grup: omp
endpoint:
  url: http://a/
  timeout: 15x
  responses:
    - {when: a, then: delivered}
    - {when: a, then: nothing}
log: {level: "${LEVEL}"}
)");
  ASSERT_TRUE(result.has_error());
  std::vector<std::string> lines;
  for (const auto& e : result.error()) lines.push_back(to_text(e, "f").substr(0, 33));
  EXPECT_THAT(lines, ElementsAre("f:1: dead_letter: is missing and ", "f:4: kafka.grup: is not known her",
                                 "f:7: endpoint.timeout: \"15x\" is n",
                                 "f:10: endpoint.responses[1].then:", "f:11: log.level: the environment "));
  EXPECT_EQ(result.error()[2].value, "\"15x\"");
}

TEST(load, a_variable_is_typed_where_it_stands_plain_and_is_text_where_it_is_quoted) {
  const auto env = variables({{"N", "7"}, {"G", "group: x, y: [z]"}});
  const auto s =
      load_yaml("kafka:\n  brokers: k\n  topics: [event]\n  group: ${G}\nendpoint:\n  url: http://a/\n  connections: ${N}\n"
                "dead_letter: off\n",
                env)
          .value();
  EXPECT_EQ(s.kafka.group, "group: x, y: [z]");
  EXPECT_EQ(s.endpoint.connections, 7U);
  EXPECT_THAT(faults_of("kafka: {brokers: k, topics: [event], group: g}\nendpoint: {url: \"http://a/\", connections: \"${N}\"}\n"
                        "dead_letter: off\n",
                        env),
              ElementsAre("endpoint.connections: \"7\" is not a whole number; write one from 1 to 65535, without quotes"));
}

TEST(load, a_variable_without_a_value_is_empty_text_and_not_nothing) {
  const auto s = load_yaml("kafka:\n  brokers: k\n  topics: [event]\n  group: g\n  instance_id: ${POD:-}\n"
                           "endpoint: {url: \"http://a/\"}\ndead_letter: off\n")
                     .value();
  EXPECT_EQ(s.kafka.instance_id, "");
}

TEST(load, listeners_on_any_free_port_do_not_meet) {
  EXPECT_THAT(faults_of(std::string(minimal) + "admin: {ops: \"127.0.0.1:0\", listen: \"127.0.0.1:0\"}\n"), IsEmpty());
}

TEST(load, a_variable_between_braces_wants_quotes_and_the_message_says_so) {
  EXPECT_THAT(faults_of("kafka: {group: ${G}}\n"),
              ElementsAre("is not YAML: end of map flow not found; between { } or [ ], ${NAME} wants quotes: \"${NAME}\""));
}

TEST(load, never_shows_a_secret) {
  for (const auto* text :
       {"admin: {token: hunter2}", "endpoint: {url: \"http://a/\", auth: {bearer: hunter2}}",
        "endpoint: {url: \"http://a/\", auth: {bearer: [hunter2]}}", "endpoint: {url: \"http://me:hunter2@a/\"}",
        "endpoint: {url: \"http://a/?t=hunter2#x\"}", "endpoint: {url: \"http://a/\", headers: {authorization: hunter2}}",
        "kafka: {brokers: k, topics: [e], group: g, properties: {ssl.key.password: hunter2}}"}) {
    const auto result = load_yaml(text);
    ASSERT_TRUE(result.has_error());
    for (const auto& e : result.error()) EXPECT_EQ((e.message + e.value).find("hunter2"), std::string::npos) << e.message;
  }
}

TEST(load, a_text_that_is_no_yaml_has_one_fault) {
  EXPECT_THAT(faults_of("kafka: {brokers: k\nendpoint: a\n"), testing::SizeIs(1));
  EXPECT_THAT(faults_of("a: b\n---\nc: d\n"),
              ElementsAre("holds a second YAML document; one file is one relay: leave it out, with its ---"));
  EXPECT_THAT(faults_of("a: \xFF"), ElementsAre("is not UTF-8 here; save the file as UTF-8"));
  EXPECT_THAT(faults_of("a: b\x04"), ElementsAre("holds the control character 0x04; take it out"));
  EXPECT_THAT(faults_of("a: {<<: {b: c}}"), ElementsAre("merge keys (<<) are not part of YAML 1.2; write the members out"));
  EXPECT_THAT(faults_of("? [a]\n: b"), ElementsAre("a name must be text, not a list or a mapping"));
  EXPECT_THAT(faults_of("kafka"),
              ElementsAre("\"kafka\" stands where a mapping is wanted; write its members as name: value, indented, a "
                          "line each"));
  EXPECT_THAT(faults_of(std::string(2 << 20, '#')), ElementsAre("is larger than 1 MiB; a configuration is smaller"));
  EXPECT_EQ(load_yaml("a: b\nc: {").error().front().line, 2);
}

TEST(load, an_empty_file_lacks_everything) {
  EXPECT_THAT(faults_of(""), testing::SizeIs(5)); // brokers, topics, group, url, dead_letter
}

TEST(load, unknown_tags_are_refused) {
  EXPECT_THAT(faults_of(std::string(minimal) + "log: {level: !secret info}"),
              ElementsAre("log.level: has the tag !secret, which is not known here; leave it out"));
}

TEST(load, aliases_upon_aliases_do_not_fill_the_memory) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{}: &a{} [", i, i);
    for (int k = 0; k < 10; ++k) text += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }
  EXPECT_THAT(faults_of(text), ElementsAre("holds more than 100000 values, aliases resolved"));
}

TEST(load, deep_nesting_is_no_danger) { EXPECT_THAT(faults_of(std::string(100'000, '[')), testing::SizeIs(1)); }

// --- files

class in_a_folder : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tocsin-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path file(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(in_a_folder, a_file_that_is_not_there_says_so) {
  EXPECT_EQ(load(folder_ / "none.yaml").error().front().message,
            "cannot be read: No such file or directory; name a file that this user may read");
  EXPECT_EQ(load(folder_).error().front().message, "is a folder; name the configuration file in it");
}

TEST_F(in_a_folder, the_event_alone_wants_no_broker_no_secret_and_no_environment) {
  const auto path = file("c.yaml", "kafka: {brokers: \"${BROKERS}\", typo: 1}\nendpoint: {auth: {bearer: hunter2}}\n"
                                   "event: {mapping: m.json, max_depth: 3}\n");
  const auto event = read_event(path, variables({}));
  ASSERT_THAT(event.errors, IsEmpty()) << event.errors.front().message;
  EXPECT_EQ(event.values.mapping, folder_ / "m.json");
  EXPECT_EQ(event.values.max_depth, 3U);
  EXPECT_TRUE(load(path, variables({})).has_error());
}

TEST_F(in_a_folder, the_faults_of_the_event_alone_are_told) {
  const auto event = read_event(
      file("c.yaml", "event: {maping: m.json, schema: \"${NONE}\", max_depth: 3}\nkafka: {a: 1, a: 2}\n"), variables({}));
  ASSERT_EQ(event.errors.size(), 2U);
  EXPECT_EQ(event.errors[0].path, "event.maping");
  EXPECT_EQ(event.errors[1].path, "event.schema");
  EXPECT_EQ(event.values.max_depth, 3U);
  EXPECT_EQ(read_event(file("d.yaml", "kafka: {}\n"), variables({})).values.max_depth, 64U);
  const auto lone = read_event(file("e.yaml", "event: {outbound_schema: a}\n"), variables({}));
  EXPECT_THAT(lone.errors, ElementsAre(testing::Field(&config_error::path, "event.outbound_schema")));
}

TEST_F(in_a_folder, secret_properties_are_read_from_their_files) {
  file("password", "hunter2 \n");
  const auto path =
      file("c.yaml", "kafka:\n  brokers: k\n  topics: [e]\n  group: g\n  properties: {client.id: a, sasl.password: {file: "
                     "password}}\nendpoint: {url: \"http://a/\"}\ndead_letter: off\n");
  const auto kafka = with_secrets(load(path).value().kafka);
  ASSERT_TRUE(kafka.has_value()) << kafka.error().front().message;
  EXPECT_TRUE(kafka->secret_properties.empty());
  EXPECT_THAT(kafka->properties, ElementsAre(Pair("client.id", "a"), Pair("sasl.password", "hunter2")));
}

TEST_F(in_a_folder, secrets_that_cannot_be_used_are_told_by_the_file_and_not_by_their_text) {
  kafka_settings kafka;
  kafka.secret_properties = {{"sasl.password", {folder_ / "none"}},
                             {"ssl.key.pem", {file("empty", " \n")}},
                             {"a", {file("nul", std::string_view("x\0y", 3))}},
                             {"b", {file("large", std::string(70'000, 'x'))}},
                             {"c", {folder_}}};
  std::vector<std::string> messages;
  for (const auto& error : with_secrets(kafka).error())
    messages.push_back(error.path + error.message.substr(error.message.rfind('/')));
  EXPECT_THAT(
      messages,
      ElementsAre(
          "kafka.properties.sasl.password.file/none\" cannot be read: No such file or directory; a path is relative to the "
          "configuration file",
          "kafka.properties.ssl.key.pem.file/empty\" is empty; write the secret into it",
          "kafka.properties.a.file/nul\" holds a NUL byte; a secret is text",
          "kafka.properties.b.file/large\" is larger than 64 KiB; a secret is smaller",
          fmt::format("kafka.properties.c.file/{}\" is a folder; name a file", folder_.filename().string())));
}

TEST_F(in_a_folder, the_admin_token_must_be_there_where_it_is_named) {
  admin_settings admin;
  EXPECT_THAT(check_token(admin), IsEmpty());
  admin.token.file = file("token", "t");
  EXPECT_THAT(check_token(admin), IsEmpty());
  admin.token.file = folder_ / "none";
  EXPECT_EQ(check_token(admin).front().path, "admin.token.file");
}

} // namespace
} // namespace tocsin::config
