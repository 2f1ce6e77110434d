// Every kind of answer an endpoint may give, right or wrong, from a real server to an outcome.
#include "harness.hpp"

#include <gmock/gmock.h>

namespace tocsin::push {
namespace {

using delivery::outcome;
using delivery::retry_reason;
using test::http_reply;
using test::http_request;
using test::http_server;
using then = http_reply::then;

class answers : public pusher_test {
protected:
  answers() { settings.url = server.url("/events?source=tocsin"); }

  // The server gives `reply` to the first event, 200 to any other.
  delivery::attempt_result answer(http_reply reply) {
    server.set_handler([reply](const http_request& r) { return r.number == 1 ? reply : http_reply{}; });
    return result_of();
  }

  // Whether the next event travels on the same connection.
  bool goes_on_with_the_connection() {
    const auto before = server.connections();
    EXPECT_EQ(result_of().outcome, outcome::delivered);
    return server.connections() == before;
  }

  http_server server;
};

TEST_F(answers, delivers_the_request_as_it_was_composed) {
  settings.headers = {{"X-Team", "night shift"}};
  source.add(R"({"a":1})", "Idempotency-Key: \"t-0-7\"\r\n");
  pusher().wake();
  run_until_ended(1);
  EXPECT_EQ(source.results[0].result.outcome, outcome::delivered);
  EXPECT_EQ(source.results[0].result.status, 200U);
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/events?source=tocsin");
  EXPECT_EQ(request.body, R"({"a":1})");
  EXPECT_EQ(request.header("host"), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("content-length"), "7");
  EXPECT_EQ(request.header("idempotency-key"), "\"t-0-7\"");
  EXPECT_EQ(request.header("x-team"), "night shift");
  EXPECT_THAT(std::string(request.header("user-agent")), testing::StartsWith("tocsin/"));
  EXPECT_EQ(request.headers.size(), 6U);
}

TEST_F(answers, an_empty_body_has_the_length_zero) {
  EXPECT_EQ(result_of("").outcome, outcome::delivered);
  EXPECT_EQ(server.requests().at(0).header("content-length"), "0");
}

TEST_F(answers, a_body_larger_than_the_socket_takes_at_once_arrives_whole) {
  std::string large(8 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  EXPECT_EQ(result_of(large).outcome, outcome::delivered);
  EXPECT_EQ(server.requests().at(0).body, large);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, keeps_the_connection_after_an_ordinary_answer) {
  EXPECT_EQ(answer(http_reply::with(200, "thanks")).outcome, outcome::delivered);
  EXPECT_TRUE(goes_on_with_the_connection());
  EXPECT_EQ(probe.opened, 1);
  EXPECT_THAT(probe.errors, testing::IsEmpty());
}

TEST_F(answers, chunked) {
  EXPECT_EQ(
      answer(http_reply::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;ext=1\r\ndone\r\n0\r\nTrailer: x\r\n\r\n"))
          .outcome,
      outcome::delivered);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, chunked_and_broken) {
  const auto result = answer(http_reply::bytes("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.status, 503U) << "the header was whole: its status counts";
  EXPECT_EQ(result.reason, retry_reason::status);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, http_1_0_without_keep_alive) {
  const auto reply = http_reply::bytes("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", then::keep);
  EXPECT_EQ(answer(reply).outcome, outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, http_1_0_with_keep_alive) {
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")).outcome,
            outcome::delivered);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, http_1_0_that_ends_with_the_connection) {
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.0 200 OK\r\n\r\nas long as it takes", then::close)).outcome, outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection());
  EXPECT_THAT(probe.errors, testing::IsEmpty());
}

TEST_F(answers, connection_close) {
  auto reply = http_reply::with(200);
  reply.headers = {{"Connection", "close"}};
  EXPECT_EQ(answer(reply).outcome, outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection());
  EXPECT_EQ(probe.opened, 2);
}

TEST_F(answers, continue_and_early_hints_first) {
  const auto result = answer(http_reply::bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                               "HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(result.outcome, outcome::rejected);
  EXPECT_EQ(result.status, 422U);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, eight_interim_answers_but_not_nine) {
  std::string interim;
  for (int i = 0; i < 8; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(answer(http_reply::bytes(interim + "HTTP/1.1 204 No Content\r\n\r\n")).outcome, outcome::delivered);
  server.set_handler([&](const http_request&) { return http_reply::bytes(interim + "HTTP/1.1 102 Processing\r\n\r\n"); });
  const auto result = result_of();
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::protocol);
  EXPECT_EQ(result.status, 0U);
}

TEST_F(answers, switching_protocols) {
  const auto result =
      answer(http_reply::bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::protocol);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, no_content) {
  EXPECT_EQ(answer(http_reply::with(204)).outcome, outcome::delivered);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, no_content_with_content) {
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\noops")).outcome, outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection()) << "what is left over would be read as the next answer";
}

TEST_F(answers, leftover_bytes_after_the_answer) {
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"))
                .outcome,
            outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, an_endless_header) {
  auto reply = http_reply::bytes("HTTP/1.1 200 OK\r\n", then::close);
  reply.repeated = "X-More: " + std::string(1000, 'x') + "\r\n";
  reply.repetitions = 1'000'000'000;
  const auto result = answer(reply);
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::protocol);
  EXPECT_EQ(result.status, 0U);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, an_endless_status_line) {
  auto reply = http_reply::bytes("HTTP/1.1 200 ", then::close);
  reply.repeated = std::string(1000, 'x');
  reply.repetitions = 1'000'000'000;
  EXPECT_EQ(answer(reply).reason, retry_reason::protocol);
}

TEST_F(answers, a_header_of_almost_16_KiB) {
  auto reply = http_reply::with(200);
  for (int i = 0; i < 15; ++i) reply.headers.emplace_back("X-" + std::to_string(i), std::string(1000, 'x'));
  EXPECT_EQ(answer(reply).outcome, outcome::delivered);
  EXPECT_TRUE(goes_on_with_the_connection());
}

TEST_F(answers, a_body_of_1_GB_with_a_good_status) {
  auto reply = http_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", then::close);
  reply.repeated = std::string(65536, 'x');
  reply.repetitions = 16384;
  EXPECT_EQ(answer(reply).outcome, outcome::delivered);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, a_body_of_1_GB_in_chunks_with_a_bad_status) {
  auto reply = http_reply::bytes("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", then::close);
  reply.repeated = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  reply.repetitions = 16384;
  EXPECT_EQ(answer(reply).outcome, outcome::try_again);
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, garbage) {
  for (const char* text :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "<html></html>\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", "HTTP/1.1 000 No\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n", "HTTP/1.1 600 No\r\n\r\n",
        "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"}) {
    server.set_handler([text](const http_request&) { return http_reply::bytes(text); });
    const auto result = result_of();
    EXPECT_EQ(result.outcome, outcome::try_again) << text;
    EXPECT_EQ(result.reason, retry_reason::protocol) << text;
    EXPECT_EQ(result.status, 0U) << text;
  }
  EXPECT_EQ(probe.errors, std::vector(9, retry_reason::protocol));
  EXPECT_EQ(server.connections(), 9U);
}

TEST_F(answers, half_a_header_then_the_end) {
  const auto result = answer(http_reply::bytes("HTTP/1.1 200 OK\r\nContent-Le", then::close));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::reset);
  EXPECT_EQ(result.status, 0U);
}

TEST_F(answers, half_a_body_then_the_end) {
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", then::close)).outcome,
            outcome::delivered)
      << "the status has said it";
  EXPECT_EQ(probe.errors, std::vector{retry_reason::reset});
  EXPECT_FALSE(goes_on_with_the_connection());
}

TEST_F(answers, half_a_body_where_a_rule_looks_at_it) {
  settings.responses = {{"status == 404", config::rule_outcome::rejected, ""},
                        {"status == 200 && body.code == 0", config::rule_outcome::delivered, ""}};
  auto result = answer(http_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\": 0", then::close));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::reset);
  EXPECT_EQ(result.status, 200U);
  server.set_handler(
      [](const http_request&) { return http_reply::bytes("HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nha", then::close); });
  EXPECT_EQ(result_of().outcome, outcome::rejected) << "a rule that needs no body decides without it";
}

TEST_F(answers, nothing_then_the_end) {
  const auto result = answer(http_reply::bytes("", then::close));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::reset);
  EXPECT_EQ(source.asked_again, 0U) << "a fresh connection is not stale";
}

TEST_F(answers, a_reset) {
  const auto result = answer(http_reply::bytes("", then::reset));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::reset);
}

TEST_F(answers, nothing_at_all_until_the_time_is_up) {
  settings.timeout = std::chrono::milliseconds(60);
  const auto result = answer(http_reply::bytes(""));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::timeout);
  EXPECT_EQ(result.status, 0U);
  EXPECT_GE(source.results[0].took, settings.timeout);
  EXPECT_EQ(probe.errors, std::vector{retry_reason::timeout});
}

TEST_F(answers, a_good_status_whose_body_never_ends) {
  settings.timeout = std::chrono::milliseconds(60);
  EXPECT_EQ(answer(http_reply::bytes("HTTP/1.1 202 OK\r\nContent-Length: 100\r\n\r\nsome")).outcome, outcome::delivered);
  EXPECT_EQ(probe.errors, std::vector{retry_reason::timeout});
}

TEST_F(answers, an_answer_before_the_request_was_read) {
  http_server early(
      [](const http_request&) {
        auto reply = http_reply::with(413);
        reply.headers = {{"Connection", "close"}};
        reply.after = then::reset;
        return reply;
      },
      {.answer_early_beyond = 1 << 20});
  settings.url = early.url();
  const auto result = result_of(std::string(64 << 20, 'x'));
  EXPECT_EQ(result.status, 413U);
  EXPECT_EQ(result.outcome, outcome::rejected);
}

TEST_F(answers, a_redirect_is_not_followed) {
  auto reply = http_reply::with(307);
  reply.headers = {{"Location", server.url("/elsewhere")}};
  const auto result = answer(reply);
  EXPECT_EQ(result.outcome, outcome::endpoint_fault);
  EXPECT_EQ(result.status, 307U);
  EXPECT_EQ(server.count(), 1U);
}

TEST_F(answers, retry_after) {
  auto reply = http_reply::with(503);
  reply.headers = {{"Retry-After", "7"}};
  EXPECT_EQ(answer(reply).retry_after, std::chrono::seconds(7));
}

TEST_F(answers, rules_see_status_headers_and_body) {
  settings.responses = {{"status == 200 && body.code == 0", config::rule_outcome::delivered, ""},
                        {"status == 400 && 'no host' in body.error", config::rule_outcome::skipped, "no_host"},
                        {"headers['x-busy'] == 'yes, very'", config::rule_outcome::try_again, ""},
                        {"status == 200", config::rule_outcome::rejected, ""}};
  const auto judged = [&](http_reply reply) {
    server.set_handler([reply](const http_request&) { return reply; });
    return result_of();
  };
  EXPECT_EQ(judged(http_reply::with(200, R"({"code": 0})")).outcome, outcome::delivered);
  EXPECT_EQ(judged(http_reply::with(200, R"({"code": 1})")).outcome, outcome::rejected);
  const auto skipped = judged(http_reply::with(400, R"({"error": "no host here"})"));
  EXPECT_EQ(skipped.outcome, outcome::skipped);
  EXPECT_EQ(skipped.rule, "no_host");
  auto busy = http_reply::with(200, R"({"code": 1})");
  busy.headers = {{"X-Busy", "yes"}, {"x-busy", "very"}};
  EXPECT_EQ(judged(busy).outcome, outcome::try_again);
}

} // namespace
} // namespace tocsin::push
