// Every class of fault, with its exact message.
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::config {
namespace {

// A section that replaces the minimal configuration's, or a further one; `then` is the one message that it brings.
struct bad {
  const char* name;
  const char* section; // "endpoint: {...}"
  const char* fault;
};

class bad_configuration : public testing::TestWithParam<bad> {};

TEST_P(bad_configuration, says_what_is_wrong) {
  EXPECT_THAT(faults_of(with_sections({GetParam().section})), testing::ElementsAre(GetParam().fault));
}

const bad kafka_faults[] = {
    {"no_brokers", "kafka: {topics: [event], group: omp}",
     "kafka.brokers: is missing; write the addresses of some brokers, e.g. kafka:9092"},
    {"no_topics", "kafka: {brokers: k, group: omp}", "kafka.topics: is missing; write the topics to be relayed, e.g. [event]"},
    {"empty_topics", "kafka: {brokers: k, topics: [], group: omp}", "kafka.topics: has 0 elements; at least 1 is wanted"},
    {"topics_no_list", "kafka: {brokers: k, topics: event, group: omp}",
     "kafka.topics: \"event\" is not a list; write [..., ...], or one element a line after a hyphen"},
    {"topic_name", "kafka: {brokers: k, topics: [a b], group: omp}",
     "kafka.topics[0]: \"a b\" is not a topic's name; it has 1 to 249 letters (a-z, A-Z), digits, dots, hyphens and underscores"},
    {"topic_pattern", "kafka: {brokers: k, topics: [\"^event.*\"], group: omp}",
     "kafka.topics[0]: \"^event.*\" is not a topic's name; it has 1 to 249 letters (a-z, A-Z), digits, dots, hyphens and "
     "underscores"},
    {"topic_twice", "kafka: {brokers: k, topics: [a, b, a], group: omp}",
     "kafka.topics[2]: \"a\" stands here for the second time; leave one of them out"},
    {"group_number", "kafka: {brokers: k, topics: [event], group: 7}",
     "kafka.group: 7 is a number and not text; put quotes around it"},
    {"group_null", "kafka: {brokers: k, topics: [event], group: }",
     "kafka.group: has no value; write one, or leave the line out"},
    {"group_empty", "kafka: {brokers: k, topics: [event], group: \"\"}",
     "kafka.group: is empty; write a value, or leave the line out"},
    {"group_break", "kafka: {brokers: k, topics: [event], group: \"a\\nb\"}",
     "kafka.group: \"a\\nb\" holds a line break or another control character; leave it out"},
    {"broker_port", "kafka: {brokers: \"k:99999\", topics: [event], group: omp}",
     "kafka.brokers: \"k:99999\" is no list of brokers; write host:port, several with commas between them"},
    {"start_word", "kafka: {brokers: k, topics: [event], group: omp, start: erliest}",
     "kafka.start: \"erliest\" is none of earliest, latest, none, a time such as 2026-11-22T08:00:00Z; did you mean earliest?"},
    {"start_zone", "kafka: {brokers: k, topics: [event], group: omp, start: 2026-11-22T08:00:00}",
     "kafka.start: \"2026-11-22T08:00:00\" is a time without its zone; write e.g. 2026-11-22T08:00:00Z or "
     "2026-11-22T16:00:00+08:00"},
    {"start_date", "kafka: {brokers: k, topics: [event], group: omp, start: 2026-11-22}",
     "kafka.start: \"2026-11-22\" is not a time; write it as RFC 3339 has it, e.g. 2026-11-22T08:00:00Z"},
    {"start_number", "kafka: {brokers: k, topics: [event], group: omp, start: 17}",
     "kafka.start: 17 is no start; write earliest, latest, none, or a time such as 2026-11-22T08:00:00Z"},
    {"instance_id", "kafka: {brokers: k, topics: [event], group: omp, instance_id: a/b}",
     "kafka.instance_id: \"a/b\" is no instance's name; it has 1 to 249 letters (a-z, A-Z), digits, dots, hyphens and "
     "underscores"},
    {"auto_commit", "kafka: {brokers: k, topics: [event], group: omp, properties: {enable.auto.commit: true}}",
     "kafka.properties.enable.auto.commit: is tocsin's own: it commits what is settled and nothing else; leave it out"},
    {"group_property", "kafka: {brokers: k, topics: [event], group: omp, properties: {group.id: x}}",
     "kafka.properties.group.id: has a member of its own; write kafka.group"},
    {"reset_property", "kafka: {brokers: k, topics: [event], group: omp, properties: {auto.offset.reset: latest}}",
     "kafka.properties.auto.offset.reset: has a member of its own; write kafka.start"},
    {"callback", "kafka: {brokers: k, topics: [event], group: omp, properties: {rebalance_cb: x}}",
     "kafka.properties.rebalance_cb: is set by a program's code and not by text; leave it out"},
    {"acks", "kafka: {brokers: k, topics: [event], group: omp, properties: {acks: 1}}",
     "kafka.properties.acks: is tocsin's own: a dead letter counts only when every in-sync replica has it; leave it out"},
    {"property_list", "kafka: {brokers: k, topics: [event], group: omp, properties: {client.id: [a]}}",
     "kafka.properties.client.id: a list is no property's value; write text, a whole number, true, false, or {file: PATH}"},
    {"literal_password", "kafka: {brokers: k, topics: [event], group: omp, properties: {sasl.password: hunter2}}",
     "kafka.properties.sasl.password: a secret never stands in the configuration; put it into a file and write {file: PATH}"},
    {"session_of_new_protocol",
     "kafka: {brokers: k, topics: [event], group: omp, instance_id: a, properties: {group.protocol: consumer, "
     "session.timeout.ms: 10000}}",
     "kafka.properties.session.timeout.ms: is the broker's to decide with group.protocol: consumer; leave it out, or write "
     "group.protocol: classic"},
};
INSTANTIATE_TEST_SUITE_P(kafka, bad_configuration, testing::ValuesIn(kafka_faults), [](const auto& t) { return t.param.name; });

const bad event_faults[] = {
    {"unknown", "event: {shema: a.json}", "event.shema: is not known here; did you mean \"schema\"?"},
    {"no_mapping", "event: [a]",
     "event: a list stands where a mapping is wanted; write its members as name: value, indented, a line each"},
    {"skip_without_name", "event: {skip: [{when: a}]}",
     "event.skip[0].as: is missing; write the name that logs and metrics call the rule by"},
    {"skip_without_condition", "event: {skip: [{as: a}]}",
     "event.skip[0].when: is missing; write a condition over the event, e.g. \"df_status == 'info'\""},
    {"skip_name", "event: {skip: [{when: a, as: a b}]}",
     "event.skip[0].as: \"a b\" is no name for a rule; it has 1 to 64 letters, digits, dots, hyphens and underscores"},
    {"skip_no_mapping", "event: {skip: [a]}",
     "event.skip[0]: \"a\" stands where a mapping is wanted; write its members as name: value, indented, a line each"},
    {"outbound_schema_alone", "event: {outbound_schema: a.json}",
     "event.outbound_schema: checks what event.mapping makes, and there is no mapping; name one, or write event.schema"},
    {"tables_list", "event: {tables: [a]}",
     "event.tables: a list stands where a mapping is wanted; write e.g. {severity: {file: severity.json}}"},
    {"table_name", "event: {tables: {a-b: {file: a}}}",
     "event.tables.a-b: is no name for a table; it has letters (a-z, A-Z), digits and underscores, and begins with no digit"},
    {"table_digit", "event: {tables: {1a: {file: a}}}",
     "event.tables.1a: is no name for a table; it has letters (a-z, A-Z), digits and underscores, and begins with no digit"},
    {"table_path", "event: {tables: {a: a.json}}", "event.tables.a: \"a.json\" is no table; write {file: PATH}"},
    {"table_without_file", "event: {tables: {a: {}}}", "event.tables.a.file: is missing; write the path of a JSON file"},
    {"table_without_path", "event: {tables: {a: {file: \"\"}}}",
     "event.tables.a.file: is empty; write a value, or leave the line out"},
    {"table_twice", "event: {tables: {a: {file: a}, a: {file: b}}}",
     "event.tables.a: stands here for the second time (first in line 5); leave one of them out"},
    {"order_null", "event: {order_by: null}", "event.order_by: has no value; write one, or leave the line out"},
    {"size", "event: {max_bytes: 1MB}", "event.max_bytes: \"1MB\" is not a size; write e.g. 1MiB (units: B, KiB, MiB, GiB)"},
    {"size_zero", "event: {max_bytes: 0}", "event.max_bytes: 0 is out of range; write a size from 1B to 1GiB"},
    {"depth", "event: {max_depth: 1001}", "event.max_depth: 1001 is out of range; write a whole number from 1 to 1000"},
    {"depth_text", "event: {max_depth: deep}",
     "event.max_depth: \"deep\" is not a whole number; write one from 1 to 1000, without quotes"},
    {"boolean", "event: {assert_format: yes}",
     "event.assert_format: \"yes\" is neither true nor false; write one of them, without quotes"},
};
INSTANTIATE_TEST_SUITE_P(event, bad_configuration, testing::ValuesIn(event_faults), [](const auto& t) { return t.param.name; });

const bad endpoint_faults[] = {
    {"no_url", "endpoint: {}", "endpoint.url: is missing; write where events go, e.g. https://omp.example/api/alerts"},
    {"url", "endpoint: {url: \"omp.example\"}",
     "endpoint.url: \"omp.example\" is not a URL; write e.g. https://omp.example/api/alerts, other characters than ASCII "
     "percent-encoded"},
    {"url_scheme", "endpoint: {url: \"ftp://omp.example/\"}",
     "endpoint.url: \"ftp://omp.example/\" is neither http nor https; write e.g. https://omp.example/api/alerts"},
    {"url_host", "endpoint: {url: \"http:///a\"}",
     "endpoint.url: \"http:///a\" has no host; write e.g. https://omp.example/api/alerts"},
    {"url_fragment", "endpoint: {url: \"http://a/?token=secret#b\"}",
     "endpoint.url: \"http://a/?***\" has a fragment (#...), which is never sent; leave it out"},
    {"url_user", "endpoint: {url: \"http://me:hunter2@a/\"}",
     "endpoint.url: holds a user name or a password; take it out and write endpoint.auth: {basic: {user: NAME, password: {file: "
     "PATH}}}"},
    {"url_port", "endpoint: {url: \"http://a:0/\"}",
     "endpoint.url: \"http://a:0/\" has a port that is none; write one from 1 to 65535, or leave the colon out"},
    {"method", "endpoint: {url: \"http://a/\", method: post}",
     "endpoint.method: \"post\" is none of POST, PUT, PATCH; did you mean POST?"},
    {"duration", "endpoint: {url: \"http://a/\", timeout: 15x}", "endpoint.timeout: \"15x\" is not a duration; write e.g. 15s"},
    {"duration_unit", "endpoint: {url: \"http://a/\", timeout: 15}",
     "endpoint.timeout: 15 has no unit; write e.g. 15s (units: ms, s, m, h)"},
    {"duration_range", "endpoint: {url: \"http://a/\", connect_timeout: 0s}",
     "endpoint.connect_timeout: \"0s\" is out of range; write a duration from 1ms to 24h"},
    {"unknown", "endpoint: {url: \"http://a/\", time-out: 15s}",
     "endpoint.time-out: is not known here; did you mean \"timeout\"?"},
    {"connections", "endpoint: {url: \"http://a/\", connections: 0}",
     "endpoint.connections: 0 is out of range; write a whole number from 1 to 65535"},
    {"connections_fraction", "endpoint: {url: \"http://a/\", connections: 1.5}",
     "endpoint.connections: 1.5 is out of range; write a whole number from 1 to 65535"},
    {"rate", "endpoint: {url: \"http://a/\", rate: 20}", "endpoint.rate: 20 is not a rate; write e.g. 20/min or 100/s, or none"},
    {"content_length", "endpoint: {url: \"http://a/\", headers: {content-length: \"3\"}}",
     "endpoint.headers.content-length: frames the request, which is tocsin's own; leave it out"},
    {"host", "endpoint: {url: \"http://a/\", headers: {Host: b}}",
     "endpoint.headers.Host: follows from endpoint.url; leave it out"},
    {"idempotency_key", "endpoint: {url: \"http://a/\", headers: {Idempotency-Key: b}}",
     "endpoint.headers.Idempotency-Key: is set by tocsin for each event; leave it out"},
    {"authorization", "endpoint: {url: \"http://a/\", headers: {authorization: Bearer hunter2}}",
     "endpoint.headers.authorization: is a secret, which never stands in the configuration; write endpoint.auth"},
    {"header_name", "endpoint: {url: \"http://a/\", headers: {\"X Y\": b}}",
     "endpoint.headers[\"X Y\"]: is not a header's name; it has letters, digits and any of !#$%&'*+-.^_`|~"},
    {"header_break", "endpoint: {url: \"http://a/\", headers: {X-Y: \"a\\r\\nb\"}}",
     "endpoint.headers.X-Y: \"a\\r\\nb\" holds a line break or another control character; leave it out"},
    {"header_number", "endpoint: {url: \"http://a/\", headers: {X-Y: 3}}",
     "endpoint.headers.X-Y: 3 is a number and not text; put quotes around it"},
    {"header_blank", "endpoint: {url: \"http://a/\", headers: {X-Y: \" a\"}}",
     "endpoint.headers.X-Y: \" a\" starts or ends with a blank; leave it out"},
    {"header_twice", "endpoint: {url: \"http://a/\", headers: {X-Y: a, x-y: b}}",
     "endpoint.headers.x-y: stands here for the second time (case is ignored); leave one of them out"},
    {"literal_token", "endpoint: {url: \"http://a/\", auth: {bearer: hunter2}}",
     "endpoint.auth.bearer: a secret never stands in the configuration; put it into a file and write {file: PATH}"},
    {"literal_auth", "endpoint: {url: \"http://a/\", auth: hunter2}",
     "endpoint.auth: a secret never stands in the configuration; write {bearer: {file: PATH}}"},
    {"secret_value", "endpoint: {url: \"http://a/\", auth: {bearer: {value: hunter2}}}",
     "endpoint.auth.bearer.value: is not known here; a secret is {file: PATH} and nothing else"},
    {"secret_no_file", "endpoint: {url: \"http://a/\", auth: {bearer: {}}}",
     "endpoint.auth.bearer: names no file; write {file: PATH}"},
    {"secret_empty_file", "endpoint: {url: \"http://a/\", auth: {bearer: {file: \"\"}}}",
     "endpoint.auth.bearer.file: is empty; write a value, or leave the line out"},
    {"both_auths", "endpoint: {url: \"http://a/\", auth: {bearer: {file: a}, basic: {user: a, password: {file: b}}}}",
     "endpoint.auth: has both bearer and basic; a request carries one of them: leave the other out"},
    {"authorization_and_bearer", "endpoint: {url: \"http://a/\", auth: {bearer: {file: a}, authorization: {file: b}}}",
     "endpoint.auth: has both authorization and another; a request carries one of them: leave the other out"},
    {"auth_kind", "endpoint: {url: \"http://a/\", auth: {baerer: {file: a}}}",
     "endpoint.auth.baerer: is not known here; did you mean \"bearer\"?"},
    {"basic_user", "endpoint: {url: \"http://a/\", auth: {basic: {user: \"a:b\", password: {file: b}}}}",
     "endpoint.auth.basic.user: \"a:b\" holds a colon, which basic authentication cannot carry; use another user"},
    {"basic_password", "endpoint: {url: \"http://a/\", auth: {basic: {user: a, password: hunter2}}}",
     "endpoint.auth.basic.password: a secret never stands in the configuration; put it into a file and write {file: PATH}"},
    {"tls_key", "endpoint: {url: \"https://a/\", tls: {cert_file: a}}",
     "endpoint.tls.key_file: is missing; a client certificate needs its key: write both"},
    {"tls_cert", "endpoint: {url: \"https://a/\", tls: {key_file: a}}",
     "endpoint.tls.cert_file: is missing; key_file is the key of a client certificate: write both"},
    {"tls_http", "endpoint: {url: \"http://a/\", tls: {ca_file: a}}",
     "endpoint.tls: has no meaning with an http URL; write https in endpoint.url, or leave it out"},
    {"response_then", "endpoint: {url: \"http://a/\", responses: [{when: a, then: skip}]}",
     "endpoint.responses[0].then: \"skip\" is none of delivered, skipped, rejected, try_again, endpoint_fault; did you mean "
     "skipped?"},
    {"response_no_then", "endpoint: {url: \"http://a/\", responses: [{when: a}]}",
     "endpoint.responses[0].then: is missing; write delivered, skipped, rejected, try_again or endpoint_fault"},
    {"skipped_unnamed", "endpoint: {url: \"http://a/\", responses: [{when: a, then: skipped}]}",
     "endpoint.responses[0].as: is missing; a rule with then: skipped says under which name events are counted, e.g. as: "
     "unknown_instance"},
    {"rejected_named", "endpoint: {url: \"http://a/\", responses: [{when: a, then: rejected, as: b}]}",
     "endpoint.responses[0].as: has no meaning here: only skipped events are counted by name; leave it out, or write then: "
     "skipped"},
};
INSTANTIATE_TEST_SUITE_P(endpoint, bad_configuration, testing::ValuesIn(endpoint_faults),
                         [](const auto& t) { return t.param.name; });

const bad other_faults[] = {
    {"retry_order", "retry: {initial: 1m}",
     "retry.initial: 1m is more than retry.max (30s); write at most that, or a larger retry.max"},
    {"max_age", "retry: {max_age: never}", "retry.max_age: \"never\" is not a duration; write e.g. 1h, or none"},
    {"max_attempts", "retry: {max_attempts: 0}", "retry.max_attempts: 0 is out of range; write a whole number from 1 to 1000000"},
    {"dead_letter_missing", "dead_letter:",
     "dead_letter: nothing is neither {topic: NAME} nor off; off means that rejected events are logged, counted and dropped"},
    {"dead_letter_false", "dead_letter: false",
     "dead_letter: false is neither {topic: NAME} nor off; off means that rejected events are logged, counted and dropped"},
    {"dead_letter_loop", "dead_letter: {topic: event}",
     "dead_letter.topic: \"event\" is one of kafka.topics: dead letters would be relayed again; write another topic"},
    {"dead_letter_topic", "dead_letter: {}",
     "dead_letter.topic: is missing; write the topic that takes the events which cannot be delivered"},
    {"window_bytes", "delivery: {max_in_flight_bytes: 1KiB}",
     "delivery.max_in_flight_bytes: 1KiB does not hold one event of event.max_bytes (1MiB); write at least that, or a smaller "
     "event.max_bytes"},
    {"max_uncommitted", "delivery: {max_uncommitted: 0}",
     "delivery.max_uncommitted: 0 is out of range; write a whole number from 1 to 1000000"},
    {"listen_port", "admin: {ops: 8080}",
     "admin.ops: 8080 is not an address to listen on; write an IP address and a port, e.g. \"0.0.0.0:8080\" or \"[::1]:8081\", "
     "or off"},
    {"listen_name", "admin: {listen: \"tocsin.example:80\"}",
     "admin.listen: \"tocsin.example:80\" is not an address to listen on; write an IP address and a port, e.g. "
     "\"127.0.0.1:8081\" or "
     "\"[::1]:8081\", or off"},
    {"listen_open", "admin: {listen: \"0.0.0.0:8081\"}",
     "admin.listen: \"0.0.0.0:8081\" can be reached from other machines and admin.token is not set; write token: {file: PATH}, "
     "or listen "
     "on \"127.0.0.1:8081\""},
    {"listen_open_v6", "admin: {listen: \"[::]:8081\", token: {file: \"\"}}",
     "admin.listen: \"[::]:8081\" can be reached from other machines and admin.token is not set; write token: {file: PATH}, or "
     "listen on "
     "\"127.0.0.1:8081\""},
    {"listen_same", "admin: {ops: \"127.0.0.1:8081\"}",
     "admin.listen: \"127.0.0.1:8081\" is the address of admin.ops too; write another port"},
    {"literal_admin_token", "admin: {token: hunter2}",
     "admin.token: a secret never stands in the configuration; put it into a file and write {file: PATH}"},
    {"allowed_host", "admin: {allowed_hosts: [\"http://a\"]}",
     "admin.allowed_hosts[0]: \"http://a\" is no host name; write it without scheme and path, e.g. tocsin.example or "
     "tocsin.example:8081"},
    {"log_level", "log: {level: warn}",
     "log.level: \"warn\" is none of trace, debug, info, warning, error; did you mean warning?"},
    {"section", "loging: {level: info}", "loging: is not known here; did you mean \"log\"?"},
    {"far_off", "frobnicate: 1",
     "frobnicate: is not known here; known here: kafka, event, endpoint, retry, dead_letter, delivery, admin, log, shutdown"},
    {"odd_name", "\"a\\nb\": 1",
     "[\"a\\nb\"]: is not known here; known here: kafka, event, endpoint, retry, dead_letter, delivery, admin, log, shutdown"},
    {"duplicate", "log: {level: info, level: debug}",
     "log.level: stands here for the second time (first in line 5); leave one of them out"},
    {"unset", "log: {level: \"${NO_SUCH}\"}",
     "log.level: the environment variable NO_SUCH is not set; set it, or give a default: ${NO_SUCH:-default}"},
};
INSTANTIATE_TEST_SUITE_P(others, bad_configuration, testing::ValuesIn(other_faults), [](const auto& t) { return t.param.name; });

} // namespace
} // namespace tocsin::config
