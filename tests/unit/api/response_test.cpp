#include "api/response.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

using std::chrono::system_clock;

const system_clock::time_point sunday{std::chrono::milliseconds(1'795'334'400'042)};

TEST(response, is_written_with_what_every_answer_has) {
  const response ok{.body = "ok\n", .headers = {{"Allow", "GET"}}};
  EXPECT_EQ(
      serialize(ok, "id-1", connection_after::keep, body_shown::yes, sunday),
      "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
      "X-Request-Id: id-1\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nAllow: GET\r\n"
      "Connection: keep-alive\r\n\r\nok\n");
}

TEST(response, to_head_has_the_length_and_not_the_body) {
  const std::string bytes = serialize({.status = 503, .body = "not ok\n"}, "x", connection_after::close, body_shown::no, sunday);
  EXPECT_THAT(bytes, testing::StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(bytes, testing::HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(bytes, testing::EndsWith("Connection: close\r\n\r\n"));
}

TEST(response, json_says_whose_it_is) {
  const response answer = json_response("tocsin-0", {{"level", "info"}});
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, "{\"scope\":\"instance\",\"instance\":\"tocsin-0\",\"level\":\"info\"}\n");
}

TEST(response, a_problem_is_that_of_rfc_9457) {
  const response answer = problem("tocsin-0", 409, "event[2] is owned by another", {{"partitions", {{{"partition", 2}}}}});
  EXPECT_EQ(answer.status, 409U);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  const auto json = boost::json::parse(answer.body).as_object();
  EXPECT_EQ(json.at("type"), "about:blank");
  EXPECT_EQ(json.at("title"), "Conflict");
  EXPECT_EQ(json.at("status"), 409);
  EXPECT_EQ(json.at("detail"), "event[2] is owned by another");
  EXPECT_EQ(json.at("scope"), "instance");
  EXPECT_EQ(json.at("instance"), "tocsin-0");
  EXPECT_EQ(boost::json::serialize(json.at("partitions")), "[{\"partition\":2}]");
}

TEST(response, times_are_utc_with_milliseconds) {
  EXPECT_EQ(rfc3339(sunday), "2026-11-22T08:00:00.042Z");
  EXPECT_EQ(rfc3339(system_clock::time_point(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

} // namespace
} // namespace tocsin::api
