#include "api/server.hpp"
#include "client.hpp"
#include "fake_control.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tocsin::api {
namespace {

using test::get, testing::HasSubstr;

class servers : public testing::Test {
protected:
  servers() {
    options.settings.ops = config::listen_address{"127.0.0.1", 0};
    options.settings.listen = config::listen_address{"127.0.0.1", 0};
    options.instance = "tocsin-0";
    options.build = {"0.1.0", "abc", "2.14.2"};
    relay.answer.state = "running";
  }
  ~servers() override {
    running.reset();
    std::filesystem::remove(token);
  }

  server& start() {
    running.emplace(options, relay);
    running->start();
    return *running;
  }
  test::answer on_admin(std::string_view bytes) { return test::client(*running->admin_port()).ask(bytes); }
  test::answer on_ops(std::string_view bytes) { return test::client(*running->ops_port()).ask(bytes); }

  std::string start_error() {
    try {
      server(options, relay).start();
    } catch (const listen_error& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path token = std::filesystem::temp_directory_path() / fmt::format("tocsin-admin-token-{}", ::getpid());
  server_options options;
  test::fake_control relay;
  std::optional<server> running;
};

TEST_F(servers, probes_are_answered_on_both_listeners) {
  start();
  for (const char* path : {"/livez", "/readyz", "/startupz"}) {
    EXPECT_EQ(on_ops(get(path)).body, "ok\n") << path;
    EXPECT_EQ(on_admin(get(path)).body, "ok\n") << path;
  }
  relay.set_health({.loop_alive = true, .started = true, .joined = true, .draining = true});
  const test::answer draining = on_ops(get("/readyz"));
  EXPECT_EQ(draining.status, 503U);
  EXPECT_EQ(draining.body, "not ok: not-draining\n");
  EXPECT_THAT(on_ops(get("/readyz?verbose")).body, HasSubstr("[+]group-joined ok\n[-]not-draining failed: "));
  EXPECT_EQ(on_ops(get("/livez")).status, 200U);
}

TEST_F(servers, every_answer_has_a_request_id) {
  start();
  EXPECT_THAT(on_ops(get("/livez")).header("x-request-id"), testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(on_ops(get("/nowhere", "X-Request-Id: mine\r\n")).header("x-request-id"), "mine");
  EXPECT_THAT(on_ops("nonsense\r\n\r\n").header("x-request-id"), testing::MatchesRegex("[0-9a-f]{16}"));
}

TEST_F(servers, status_is_served_on_the_admin_listener_alone) {
  start();
  const test::answer answer = on_admin(get("/v1/status"));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  const auto json = boost::json::parse(answer.body).as_object();
  EXPECT_EQ(json.at("scope"), "instance");
  EXPECT_EQ(json.at("instance"), "tocsin-0");
  EXPECT_EQ(json.at("version"), "0.1.0");
  EXPECT_EQ(json.at("state"), "running");
  EXPECT_EQ(on_ops(get("/v1/status")).status, 404U);
}

TEST_F(servers, version_says_what_runs) {
  start();
  const auto json = boost::json::parse(on_ops(get("/version")).body).as_object();
  EXPECT_EQ(json.at("name"), "tocsin");
  EXPECT_EQ(json.at("version"), "0.1.0");
  EXPECT_EQ(json.at("revision"), "abc");
  EXPECT_EQ(json.at("librdkafka"), "2.14.2");
  EXPECT_EQ(json.at("instance"), "tocsin-0");
}

TEST_F(servers, the_contract_is_served) {
  start();
  EXPECT_EQ(boost::json::parse(on_admin(get("/openapi.json")).body).at("openapi"), "3.1.0");
}

TEST_F(servers, metrics_come_in_the_format_that_is_asked_for) {
  const observe::metrics probe({.build = options.build, .topics = {"event"}});
  options.metrics.push_back(&probe);
  start();
  on_ops(get("/nowhere"));
  const test::answer text = on_ops(get("/metrics"));
  EXPECT_EQ(text.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* part : {"tocsin_events_received_total{topic=\"event\"} 0\n", "process_resident_memory_bytes ",
                           "tocsin_admin_requests_total{route=\"other\",code=\"404\"} 1\n",
                           "tocsin_loop_lag_seconds_count{loop=\"relay\"} 0\n", "tocsin_loop_lag_seconds_count{loop=\"admin\"} "})
    EXPECT_THAT(text.body, HasSubstr(part));
  const test::answer open = on_ops(get("/metrics", "Accept: application/openmetrics-text\r\n"));
  EXPECT_EQ(open.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(open.body, testing::EndsWith("# EOF\n"));
}

TEST_F(servers, errors_are_problem_documents) {
  start();
  const auto expect_problem = [](const test::answer& answer, unsigned status) {
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    const auto json = boost::json::parse(answer.body).as_object();
    EXPECT_EQ(json.at("status"), status);
    EXPECT_EQ(json.at("instance"), "tocsin-0");
    EXPECT_FALSE(json.at("detail").as_string().empty());
  };
  expect_problem(on_ops(get("/nowhere")), 404);
  expect_problem(on_ops("POST /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"), 405);
  expect_problem(on_ops("nonsense\r\n\r\n"), 400);
  expect_problem(on_admin(get("/v1/status", "Origin: http://evil.test\r\n")), 403);
  relay.failure = "a fault of a test";
  const test::answer failed = on_admin(get("/v1/status"));
  expect_problem(failed, 500);
  EXPECT_THAT(failed.body, testing::Not(HasSubstr("a fault of a test")));
}

TEST_F(servers, a_wrong_method_is_told_the_right_ones) {
  start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
    const test::answer answer = on_ops(fmt::format("{} /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", method));
    EXPECT_EQ(answer.status, 405U) << method;
    EXPECT_EQ(answer.header("allow"), "GET, HEAD") << method;
  }
}

TEST_F(servers, head_is_get_without_the_body) {
  start();
  test::client client(*running->ops_port());
  const test::answer head = client.ask("HEAD /livez HTTP/1.1\r\nHost: h\r\n\r\n", false);
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.header("content-length"), "3");
  EXPECT_EQ(client.ask(get("/livez")).body, "ok\n") << "the next answer begins right after";
}

TEST_F(servers, the_admin_listener_checks_host_and_origin_and_ops_does_not) {
  options.settings.allowed_hosts = {"relay.example"};
  start();
  const std::string foreign = "GET /livez HTTP/1.1\r\nHost: evil.test\r\n\r\n";
  EXPECT_EQ(on_admin(foreign).status, 403U);
  EXPECT_EQ(on_ops(foreign).status, 200U);
  EXPECT_EQ(on_admin("GET /livez HTTP/1.1\r\nHost: relay.example:8081\r\n\r\n").status, 200U);
  EXPECT_EQ(on_admin(get("/livez", "Origin: http://localhost:3000\r\n")).status, 403U);
  EXPECT_EQ(on_ops(get("/livez", "Origin: http://localhost:3000\r\n")).status, 200U);
  EXPECT_EQ(on_admin("GET /livez HTTP/1.0\r\n\r\n").status, 200U);
}

TEST_F(servers, the_admin_listener_asks_for_the_token_and_probes_need_none) {
  std::ofstream(token) << "secret\n";
  options.settings.token.file = token;
  start();
  for (const char* path : {"/v1/status", "/metrics", "/version", "/openapi.json", "/nowhere"}) {
    const test::answer answer = on_admin(get(path));
    EXPECT_EQ(answer.status, 401U) << path;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"tocsin\"") << path;
  }
  const test::answer wrong = on_admin(get("/v1/status", "Authorization: Bearer guess\r\n"));
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_THAT(wrong.header("www-authenticate"), HasSubstr("invalid_token"));
  EXPECT_EQ(on_admin(get("/v1/status", "Authorization: Bearer secret\r\n")).status, 200U);
  EXPECT_EQ(on_admin(get("/nowhere", "Authorization: Bearer secret\r\n")).status, 404U);
  for (const char* path : {"/livez", "/readyz", "/startupz"}) EXPECT_EQ(on_admin(get(path)).status, 200U) << path;
  EXPECT_EQ(on_ops(get("/metrics")).status, 200U);
  std::filesystem::remove(token);
  EXPECT_EQ(on_admin(get("/v1/status", "Authorization: Bearer secret\r\n")).status, 401U) << "nobody, while there is no file";
}

TEST_F(servers, a_relay_that_does_not_answer_is_a_503_and_probes_go_on) {
  relay.is_stuck = true;
  options.status_timeout = std::chrono::milliseconds(50);
  start();
  const test::answer answer = on_admin(get("/v1/status"));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(on_admin(get("/livez")).status, 200U);
  relay.relay().run(); // the answer comes when nobody waits for it any more
  relay.is_stuck = false;
  EXPECT_EQ(on_admin(get("/v1/status")).status, 200U);
}

TEST_F(servers, a_stuck_relay_is_asked_a_bounded_number_of_times) {
  relay.is_stuck = true;
  options.status_timeout = std::chrono::milliseconds(1);
  start();
  test::client client(*running->admin_port());
  for (int i = 0; i < 64; ++i) EXPECT_THAT(client.ask(get("/v1/status")).body, HasSubstr("in time"));
  EXPECT_THAT(client.ask(get("/v1/status")).body, HasSubstr("those who asked before"));
  relay.relay().run();
}

TEST_F(servers, stops_although_the_relay_still_owes_an_answer) {
  relay.is_stuck = true;
  start();
  test::client client(*running->admin_port());
  client.send(get("/v1/status"));
  EXPECT_EQ(on_admin(get("/livez")).status, 200U);
  running.reset();
  EXPECT_EQ(client.read_to_end(), "");
  relay.relay().run(); // and finds nothing destroyed under it
}

TEST_F(servers, start_and_stop_are_idempotent_and_ports_are_free_again) {
  server& first = start();
  const std::uint16_t port = *first.ops_port();
  test::client open(port);
  first.stop();
  first.stop();
  EXPECT_EQ(open.read_to_end(), "");
  options.settings.ops->port = port;
  running.reset();
  EXPECT_EQ(start().ops_port(), port);
  EXPECT_EQ(on_ops(get("/livez")).status, 200U);
  server never(options, relay);
  never.stop();
  EXPECT_EQ(never.ops_port(), std::nullopt);
}

TEST_F(servers, listeners_may_be_off) {
  options.settings.listen.reset();
  options.settings.token.file = "/nowhere"; // of nobody's concern then
  start();
  EXPECT_EQ(running->admin_port(), std::nullopt);
  EXPECT_EQ(on_ops(get("/livez")).status, 200U);
}

TEST_F(servers, an_address_that_cannot_be_had_names_setting_address_and_reason) {
  start();
  server_options& taken = options;
  taken.settings.listen = config::listen_address{"127.0.0.1", *running->ops_port()};
  EXPECT_EQ(start_error(),
            fmt::format("admin.listen: cannot listen on 127.0.0.1:{}: Address already in use; name another port, 0 for "
                        "any free one, or `off`",
                        *running->ops_port()));
  taken.settings.ops = config::listen_address{"203.0.113.7", 0};
  EXPECT_THAT(start_error(), HasSubstr("admin.ops: cannot listen on 203.0.113.7:0: Cannot assign requested address"));
  taken.settings.ops = config::listen_address{"no.such.host.invalid", 0};
  EXPECT_THAT(start_error(),
              testing::AllOf(HasSubstr("admin.ops: cannot listen on no.such.host.invalid:0: "), HasSubstr("name an address")));
}

TEST_F(servers, an_admin_listener_for_other_machines_needs_a_token) {
  options.settings.listen = config::listen_address{"0.0.0.0", 0};
  EXPECT_THAT(start_error(),
              testing::AllOf(HasSubstr("admin.listen: 0.0.0.0:"), HasSubstr("asks for no token"), HasSubstr("admin.token")));
  options.settings.token.file = token;
  EXPECT_THAT(start_error(), HasSubstr(fmt::format("admin.token.file: {}: No such file", token.string())));
  std::ofstream(token) << "secret\n";
  EXPECT_EQ(start_error(), "");
  options.settings.token.file.clear();
  options.settings.ops = config::listen_address{"0.0.0.0", 0};
  options.settings.listen = config::listen_address{"localhost", 0};
  EXPECT_EQ(start_error(), "");
}

} // namespace
} // namespace tocsin::api
