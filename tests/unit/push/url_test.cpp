#include "push/url.hpp"

#include <gmock/gmock.h>

namespace tocsin::push {
namespace {

using testing::HasSubstr;

TEST(url, is_taken_apart) {
  const auto u = parse_url("https://Alerts.Example.com:8443/v1/events?source=a%20b&x=1");
  ASSERT_TRUE(u);
  EXPECT_EQ(u->scheme, scheme::https);
  EXPECT_EQ(u->host, "alerts.example.com");
  EXPECT_EQ(u->kind, host_kind::name);
  EXPECT_EQ(u->port, 8443);
  EXPECT_EQ(u->authority, "alerts.example.com:8443");
  EXPECT_EQ(u->target, "/v1/events?source=a%20b&x=1");
}

TEST(url, has_defaults) {
  EXPECT_EQ(parse_url("http://a")->target, "/");
  EXPECT_EQ(parse_url("http://a?x=1")->target, "/?x=1");
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("HTTPS://a/")->port, 443);
  EXPECT_EQ(parse_url("https://a:443/")->authority, "a");
  EXPECT_EQ(parse_url("http://a:443/")->authority, "a:443");
  EXPECT_EQ(parse_url("http://a:/")->port, 80);
}

TEST(url, knows_addresses) {
  const auto six = parse_url("http://[::1]:81/");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->kind, host_kind::address);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->authority, "[::1]:81");
  EXPECT_EQ(parse_url("http://127.0.0.1/")->kind, host_kind::address);
  EXPECT_EQ(parse_url("http://127.0.0.1.example/")->kind, host_kind::name);
}

TEST(url, refuses_what_cannot_be_an_endpoint) {
  const auto refusal = [](std::string_view text) { return parse_url(text) ? std::string() : parse_url(text).error().text; };
  EXPECT_THAT(refusal("ftp://a/"), HasSubstr("http:// or https://"));
  EXPECT_THAT(refusal("a/b"), HasSubstr("not an absolute URL"));
  EXPECT_THAT(refusal(""), HasSubstr("not an absolute URL"));
  EXPECT_THAT(refusal("http:///x"), HasSubstr("names no host"));
  EXPECT_THAT(refusal("http://a/#top"), HasSubstr("fragment"));
  EXPECT_THAT(refusal("http://a:0/"), HasSubstr("port"));
  EXPECT_THAT(refusal("http://a:65536/"), HasSubstr("port"));
  EXPECT_THAT(refusal("http://a/\r\nX: y"), HasSubstr("not an absolute URL"));
  EXPECT_THAT(refusal("http://a b/"), HasSubstr("not an absolute URL"));
  EXPECT_THAT(refusal("http://a%0d%0ab/"), HasSubstr("host"));
}

TEST(url, keeps_a_password_out_of_its_messages) {
  EXPECT_THAT(parse_url("http://u:secret@a/").error().text, testing::AllOf(HasSubstr("endpoint.auth"), Not(HasSubstr("secret"))));
  EXPECT_THAT(parse_url("http://u:sec ret@a/").error().text, Not(HasSubstr("ret@")));
}

} // namespace
} // namespace tocsin::push
