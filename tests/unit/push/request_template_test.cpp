#include "push/request_template.hpp"

#include <gmock/gmock.h>

namespace tocsin::push {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

config::endpoint_settings endpoint(std::vector<std::pair<std::string, std::string>> headers = {}) {
  config::endpoint_settings settings;
  settings.headers = std::move(headers);
  return settings;
}

const url to = parse_url("http://a.test:81/x?y=z").value();

std::string refusal(const config::endpoint_settings& settings) {
  const auto head = make_request_head(settings, to);
  return head ? std::string() : head.error().text;
}

TEST(request_head, is_a_requests_beginning) {
  EXPECT_THAT(make_request_head(endpoint({{"X-A", "1"}, {"X-A", "2"}}), to).value(),
              testing::MatchesRegex("POST /x\\?y=z HTTP/1.1\r\nHost: a.test:81\r\nUser-Agent: tocsin/[0-9.]+\r\n"
                                    "Content-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\n"));
}

TEST(request_head, lets_headers_be_replaced) {
  const auto head =
      make_request_head(endpoint({{"content-type", "text/plain"}, {"HOST", "b"}, {"User-agent", "me"}}), to).value();
  EXPECT_EQ(head, "POST /x?y=z HTTP/1.1\r\ncontent-type: text/plain\r\nHOST: b\r\nUser-agent: me\r\n");
}

TEST(request_head, refuses_what_would_change_the_framing) {
  EXPECT_THAT(refusal(endpoint({{"X", "a\r\nY: b"}})),
              testing::AllOf(HasSubstr("endpoint.headers.X"), HasSubstr("control character")));
  EXPECT_THAT(refusal(endpoint({{"X", std::string("a\0b", 3)}})), HasSubstr("control character"));
  EXPECT_THAT(refusal(endpoint({{"X\r\nY", "a"}})), HasSubstr("not a header name"));
  EXPECT_THAT(refusal(endpoint({{"X Y", "a"}})), HasSubstr("not a header name"));
  EXPECT_THAT(refusal(endpoint({{"", "a"}})), HasSubstr("not a header name"));
  for (const char* name :
       {"Content-Length", "transfer-encoding", "Connection", "Expect", "Upgrade", "TE", "Trailer", "Idempotency-Key"}) {
    EXPECT_THAT(refusal(endpoint({{name, "a"}})), HasSubstr("itself")) << name;
  }
  auto settings = endpoint();
  settings.method = "POST /evil HTTP/1.1";
  EXPECT_THAT(refusal(settings), HasSubstr("endpoint.method"));
}

TEST(request_head, refuses_two_authorizations) {
  auto settings = endpoint({{"authorization", "Bearer x"}});
  EXPECT_EQ(refusal(settings), "");
  settings.auth = config::bearer_credentials{{"/token"}};
  EXPECT_THAT(refusal(settings), HasSubstr("endpoint.auth"));
}

TEST(header_value, may_hold_tabs_and_more_than_ascii) {
  EXPECT_TRUE(is_header_value("a\tb"));
  EXPECT_TRUE(is_header_value("é"));
  EXPECT_TRUE(is_header_value(""));
  EXPECT_FALSE(is_header_value("\x7f"));
  EXPECT_FALSE(is_header_value("a\n"));
}

TEST(find_header, finds_the_first_in_any_case) {
  EXPECT_EQ(find_header("A: 1\r\nIdempotency-key:\"k\"\r\nidempotency-KEY: no\r\n", "Idempotency-Key"), "\"k\"");
  EXPECT_EQ(find_header("A: 1\r\n", "B"), "");
  EXPECT_EQ(find_header("", "B"), "");
}

} // namespace
} // namespace tocsin::push
