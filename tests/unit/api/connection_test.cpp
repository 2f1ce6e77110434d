// Clients that misbehave, on real sockets: they cost the others nothing.
#include "api/server.hpp"
#include "client.hpp"
#include "fake_control.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

using namespace std::chrono_literals;
using test::get, testing::HasSubstr;

class connections : public testing::Test {
protected:
  connections() {
    options.settings.ops = config::listen_address{"127.0.0.1", 0};
    options.settings.listen.reset();
  }

  test::client connect() {
    if (!running) {
      running.emplace(options, relay);
      running->start();
    }
    return test::client(*running->ops_port());
  }

  server_options options;
  test::fake_control relay;
  std::optional<server> running;
};

TEST_F(connections, are_kept_for_the_next_request) {
  test::client client = connect();
  for (int i = 0; i < 3; ++i) {
    const test::answer answer = client.ask(get("/livez"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
  }
  const test::answer last = client.ask(get("/livez", "Connection: close\r\n"));
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(connections, pipelined_requests_are_answered_in_order) {
  test::client client = connect();
  client.send(get("/livez") + get("/nowhere") + get("/readyz"));
  EXPECT_EQ(client.read().status, 200U);
  EXPECT_EQ(client.read().status, 404U);
  EXPECT_EQ(client.read().status, 200U);
}

TEST_F(connections, http_1_0_is_answered_and_closed) {
  test::client client = connect();
  EXPECT_EQ(client.ask("GET /livez HTTP/1.0\r\n\r\n").header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(connections, a_client_that_has_said_all_still_gets_its_answer) {
  test::client client = connect();
  client.send(get("/livez"));
  client.half_close();
  EXPECT_EQ(client.read().status, 200U);
}

TEST_F(connections, are_closed_after_what_is_no_request) {
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "POST /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    test::client client = connect();
    const test::answer answer = client.ask(std::string(bytes) + get("/livez"));
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.header("connection"), "close");
    client.half_close();
    EXPECT_EQ(client.read_to_end(), "") << "what follows is not read as a request";
  }
}

TEST_F(connections, too_much_is_refused_and_the_refusal_arrives) {
  test::client head = connect();
  EXPECT_EQ(head.ask(get("/livez", "X: " + std::string(17 * 1024, 'x') + "\r\n")).status, 431U);
  test::client body = connect();
  body.send("POST /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(body.read().status, 413U);
}

TEST_F(connections, a_body_that_waits_to_be_asked_for_is_asked_for) {
  test::client client = connect();
  client.send("POST /livez HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read().status, 100U);
  EXPECT_EQ(client.ask("{}").status, 405U);
}

TEST_F(connections, a_request_that_does_not_get_on_is_ended) {
  options.limits.request_timeout = 50ms;
  for (const char* start :
       {"GET /livez HTTP/1.1\r\nHost: h\r\n", "POST /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12"}) {
    test::client slow = connect();
    slow.send(start);
    EXPECT_EQ(slow.read().status, 408U);
    slow.half_close();
    EXPECT_EQ(slow.read_to_end(), "");
  }
  test::client silent = connect();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(connections, one_that_is_idle_for_long_is_closed) {
  options.limits.idle_timeout = 50ms;
  options.limits.request_timeout = 60s; // longer than the client waits
  test::client client = connect();
  EXPECT_EQ(client.ask(get("/livez")).status, 200U);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(connections, probes_are_answered_while_others_are_slow) {
  std::vector<test::client> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(connect());
    slow.back().send("GET /livez HTTP/1.1\r\nHo");
  }
  EXPECT_EQ(connect().ask(get("/livez")).status, 200U);
}

TEST_F(connections, the_oldest_idle_one_makes_room_for_one_too_many) {
  options.limits.connections = 4;
  std::vector<test::client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(clients.back().ask(get("/livez")).status, 200U);
  }
  clients[0].send("GET /livez HTTP/1.1\r\n"); // the oldest is in the middle of a request…
  test::client pushed_out_nobody_yet = std::move(clients[3]);
  EXPECT_EQ(pushed_out_nobody_yet.ask(get("/livez")).status, 200U); // …of which the server knows by now
  test::client fifth = connect();
  EXPECT_EQ(fifth.ask(get("/livez")).status, 200U);
  EXPECT_EQ(clients[1].read_to_end(), "") << "so the second had to go";
  EXPECT_EQ(clients[0].ask("Host: h\r\n\r\n").status, 200U);
  EXPECT_EQ(clients[2].ask(get("/livez")).status, 200U);
}

TEST_F(connections, those_that_never_finish_a_request_keep_no_probe_out) {
  std::vector<test::client> slow;
  for (int i = 0; i < 64; ++i) {
    slow.push_back(connect());
    slow.back().send("GET /livez HTTP/1.1\r\nHo");
  }
  EXPECT_EQ(connect().ask(get("/livez")).status, 200U);
  EXPECT_EQ(slow[0].read_to_end(), "") << "64 connections are kept, and no more";
}

} // namespace
} // namespace tocsin::api
