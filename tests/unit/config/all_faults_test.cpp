// Every fault at once: rules between members are asked beside other faults, and never of members that are faulty themselves.
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <set>

namespace tocsin::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

TEST(all_faults, members_that_do_not_go_together_are_told_beside_members_that_are_wrong) {
  EXPECT_THAT(faults_of(with_sections({
                  "kafka: {brokers: \"k:99999\", topics: [a, b c, a], group: omp}",
                  "event: {shema: s.json, outbound_schema: o.json}",
                  "endpoint: {url: \"https://a/\", timeout: 15x, tls: {cert_file: a}, responses: [{when: 7, then: skipped}, 8, "
                  "{when: a, then: rejected, as: b}]}",
                  "retry: {initial: 1m, max_attempts: 0}",
                  "dead_letter: {topic: a, topc: b}",
                  "delivery: {max_in_flight_bytes: 1KiB, max_uncommitted: 0}",
                  "admin: {ops: \"0.0.0.0:1\", listen: \"0.0.0.0:1\", allowed_hosts: [\"a b\"]}",
              })),
              UnorderedElementsAre(
                  StartsWith("kafka.brokers: "), StartsWith("kafka.topics[1]: \"b c\" is not a topic's name"),
                  StartsWith("kafka.topics[2]: \"a\" stands here for the second time"), StartsWith("event.shema: "),
                  StartsWith("event.outbound_schema: checks what event.mapping makes"), StartsWith("endpoint.timeout: "),
                  StartsWith("endpoint.tls.key_file: is missing"), StartsWith("endpoint.responses[0].when: "),
                  StartsWith("endpoint.responses[0].as: is missing"), StartsWith("endpoint.responses[1]: "),
                  StartsWith("endpoint.responses[2].as: has no meaning"), StartsWith("retry.initial: 1m is more than retry.max"),
                  StartsWith("retry.max_attempts: "), StartsWith("dead_letter.topic: \"a\" is one of kafka.topics"),
                  StartsWith("dead_letter.topc: "), StartsWith("delivery.max_in_flight_bytes: 1KiB does not hold one event"),
                  StartsWith("delivery.max_uncommitted: "), StartsWith("admin.listen: \"0.0.0.0:1\" can be reached"),
                  StartsWith("admin.listen: \"0.0.0.0:1\" is the address of admin.ops"), StartsWith("admin.allowed_hosts[0]: ")));
}

TEST(all_faults, are_told_once_each) {
  const auto faults = faults_of(with_sections({
      "kafka: {brokers: k, topics: [a, a], group: omp, properties: {group.protocol: consumer, session.timeout.ms: 1, acks: 1}}",
      "endpoint: {url: \"http://a/\", tls: {cert_file: a}, headers: {Host: b}}",
      "dead_letter: {topic: a}",
      "log: {level: warn, level: warn}",
  }));
  const std::set<std::string> each(faults.begin(), faults.end());
  EXPECT_EQ(each.size(), faults.size());
  EXPECT_EQ(faults.size(), 9U) << testing::PrintToString(faults);
}

TEST(all_faults, a_place_in_a_list_stays_what_it_is_behind_a_faulty_element) {
  const auto read = read_text(with_sections({"endpoint: {url: \"http://a/\", responses: [7, {when: b, then: rejected}]}"}),
                              "/etc", variables({}));
  ASSERT_EQ(read.values.endpoint.responses.size(), 2U);
  EXPECT_EQ(read.values.endpoint.responses[1].when, "b");
}

TEST(all_faults, a_table_with_a_fault_keeps_its_name) {
  const auto read = read_text(with_sections({"event: {tables: {a: a.json, b: {file: b}, c: {file: \"${NONE}\"}, d: }}"}), "/etc",
                              variables({}));
  EXPECT_EQ(read.errors.size(), 3U);
  std::vector<std::string> tables;
  for (const auto& [name, file] : read.values.event.tables) tables.push_back(name + "=" + file.string());
  EXPECT_THAT(tables, ElementsAre("a=", "b=/etc/b", "c=", "d="));
}

TEST(all_faults, of_the_published_schema_are_not_told_of_members_that_have_one) {
  // Both the loader and the schema refuse these; the schema does not come second.
  for (const auto* section : {"endpoint: {url: a}", "kafka: {brokers: k, topics: [], group: g}", "log: {level: 7}", "log: []",
                              "endpoint: {url: \"http://a/\", auth: hunter2}", "delivery: {max_in_flight: -1}"})
    EXPECT_EQ(faults_of(with_sections({section})).size(), 1U) << section;
}

// --- what would only follow from another fault

struct follower {
  const char* name;
  std::initializer_list<std::string_view> sections;
  std::initializer_list<const char*> paths; // of all that is told
};

class not_judged : public testing::TestWithParam<follower> {};

TEST_P(not_judged, what_would_only_follow_from_another_fault) {
  std::vector<std::string> paths;
  for (const auto& error : load_yaml(with_sections(GetParam().sections)).error()) paths.push_back(error.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAreArray(GetParam().paths.begin(), GetParam().paths.end()));
}

const follower followers[] = {
    {"topics", {"kafka: {brokers: k, topics: [\"a b\", \"a b\"], group: g}"}, {"kafka.topics[0]", "kafka.topics[1]"}},
    {"topics_unset",
     {"kafka: {brokers: k, topics: [\"${NONE}\", \"${NONE}\"], group: g}"},
     {"kafka.topics[0]", "kafka.topics[1]"}},
    {"protocol",
     {"kafka: {brokers: k, topics: [a], group: g, properties: {group.protocol: [consumer], session.timeout.ms: 1}}"},
     {"kafka.properties.group.protocol"}},
    {"protocol_twice",
     {"kafka: {brokers: k, topics: [a], group: g, properties: {group.protocol: consumer, group.protocol: classic, "
      "session.timeout.ms: 1}}"},
     {"kafka.properties.group.protocol"}},
    {"dead_letter", {"dead_letter: {topic: event, topic: other}"}, {"dead_letter.topic"}},
    {"mapping", {"event: {mapping: 7, outbound_schema: a}"}, {"event.mapping"}},
    {"mapping_mistyped", {"event: {maping: m.json, outbound_schema: a}"}, {"event.maping"}},
    {"mapping_unset", {"event: {mapping: \"${NONE}\", outbound_schema: a}"}, {"event.mapping"}},
    {"then", {"endpoint: {url: \"http://a/\", responses: [{when: a, then: skip, as: b}]}"}, {"endpoint.responses[0].then"}},
    {"then_missing", {"endpoint: {url: \"http://a/\", responses: [{when: a, as: b}]}"}, {"endpoint.responses[0].then"}},
    {"as", {"endpoint: {url: \"http://a/\", responses: [{when: a, then: skipped, as: b c}]}"}, {"endpoint.responses[0].as"}},
    {"as_mistyped",
     {"endpoint: {url: \"http://a/\", responses: [{when: a, then: skipped, ass: b}]}"},
     {"endpoint.responses[0].ass"}},
    {"certificate", {"endpoint: {url: \"https://a/\", tls: {cert_file: 7, key_file: b}}"}, {"endpoint.tls.cert_file"}},
    {"key_mistyped", {"endpoint: {url: \"https://a/\", tls: {cert_file: a, keyfile: b}}"}, {"endpoint.tls.keyfile"}},
    {"url", {"endpoint: {url: \"http:///\", tls: {ca_file: a}}"}, {"endpoint.url"}},
    {"url_twice", {"endpoint: {url: \"http://a/\", url: \"https://a/\", tls: {ca_file: a}}"}, {"endpoint.url"}},
    {"initial", {"retry: {initial: 1x, max: 100ms}"}, {"retry.initial"}},
    {"max", {"retry: {initial: 1m, max: 2x}"}, {"retry.max"}},
    {"max_mistyped", {"retry: {initial: 1m, mx: 2m}"}, {"retry.mx"}},
    {"max_bytes", {"event: {max_bytes: 1KB}", "delivery: {max_in_flight_bytes: 64KiB}"}, {"event.max_bytes"}},
    {"max_bytes_of_no_event", {"event: []", "delivery: {max_in_flight_bytes: 64KiB}"}, {"event"}},
    {"token", {"admin: {listen: \"0.0.0.0:1\", token: hunter2}"}, {"admin.token"}},
    {"token_mistyped", {"admin: {listen: \"0.0.0.0:1\", tokne: {file: a}}"}, {"admin.tokne"}},
    {"listen", {"admin: {ops: \"127.0.0.1:8081\", listen: 8082}"}, {"admin.listen"}},
    {"ops", {"admin: {ops: 8082, listen: \"0.0.0.0:8080\", token: {file: a}}"}, {"admin.ops"}},
    {"section_mistyped",
     {"kafka:", "kafak: {brokers: k, topics: [a], group: g}"},
     {"kafka.brokers", "kafka.topics", "kafka.group", "kafak"}},
    {"name_mistyped", {"kafka: {brokers: k, topics: [a], grup: g}"}, {"kafka.grup"}},
};
INSTANTIATE_TEST_SUITE_P(rules, not_judged, testing::ValuesIn(followers), [](const auto& t) { return t.param.name; });

TEST(all_faults, a_mistyped_section_is_told_without_what_stands_in_it) {
  EXPECT_THAT(faults_of("kafak: {brokers: k, topics: [a], group: g}\nendpoint: {url: \"http://a/\"}\ndead_letter: off\n"),
              ElementsAre("kafak: is not known here; did you mean \"kafka\"?"));
}

// --- where a fault is

TEST(is_sound, asks_the_member_what_is_in_it_and_what_is_around_it) {
  const config_errors told = {{"endpoint.tls.ca_file", "", ""}, {"log", "", ""}, {"kafka.topics[1]", "", ""}};
  for (const auto* path : {"", "endpoint", "endpoint.tls", "endpoint.tls.ca_file", "log.level", "kafka.topics", "kafka.topics[1]",
                           "kafka.topics[1].x"})
    EXPECT_FALSE(is_sound(told, path)) << path;
  for (const auto* path : {"endpoint.url", "endpoint.tls.ca_file_x", "logs", "kafka.topics[10]", "kafka.topics[0]", "event"})
    EXPECT_TRUE(is_sound(told, path)) << path;
  EXPECT_FALSE(is_sound({{"", "", "is not YAML"}}, "event.mapping"));
}

TEST(add_faults, puts_them_in_the_files_order_with_their_lines_and_leaves_out_what_only_follows) {
  config_errors told = {{"endpoint.url", "", "a", 4}};
  add_faults(told, {{"event.mapping", "", "b"}, {"endpoint.url", "", "c"}, {"event.skip[0].when", "", "d"}},
             {{"", 1}, {"endpoint", 3}, {"endpoint.url", 4}, {"event", 6}, {"event.mapping", 7}, {"event.skip[0]", 2}});
  EXPECT_THAT(told, ElementsAre(config_error{"event.skip[0].when", "", "d", 2}, config_error{"endpoint.url", "", "a", 4},
                                config_error{"event.mapping", "", "b", 7}));
}

} // namespace
} // namespace tocsin::config
