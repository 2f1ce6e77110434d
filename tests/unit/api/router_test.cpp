#include "api/router.hpp"

#include <gmock/gmock.h>

#include <set>

namespace tocsin::api {
namespace {

TEST(router, finds_what_the_listener_serves) {
  for (const char* path : {"/livez", "/readyz", "/startupz", "/metrics", "/version"})
    for (const listener_kind listener : {listener_kind::ops, listener_kind::admin})
      EXPECT_NE(find_route(listener, verb::get, path).found, nullptr) << path;
  for (const char* path : {"/v1/status", "/openapi.json"}) {
    EXPECT_NE(find_route(listener_kind::admin, verb::get, path).found, nullptr) << path;
    const match on_ops = find_route(listener_kind::ops, verb::get, path);
    EXPECT_EQ(on_ops.found, nullptr) << path;
    EXPECT_EQ(on_ops.allow, "") << path;
  }
}

TEST(router, head_is_get) {
  EXPECT_EQ(find_route(listener_kind::ops, verb::head, "/livez").found,
            find_route(listener_kind::ops, verb::get, "/livez").found);
}

TEST(router, another_method_is_told_what_is_allowed) {
  for (const verb method : {verb::post, verb::put, verb::delete_, verb::options, verb::trace, verb::connect, verb::unknown}) {
    const match at = find_route(listener_kind::admin, method, "/v1/status");
    EXPECT_EQ(at.found, nullptr);
    EXPECT_EQ(at.allow, "GET, HEAD");
  }
}

TEST(router, paths_match_exactly) {
  for (const char* path : {"", "/", "/livez/", "//livez", "/Livez", "/livez/../livez", "/%6civez", "/v1", "/livez;x"}) {
    const match at = find_route(listener_kind::admin, verb::get, path);
    EXPECT_EQ(at.found, nullptr) << path;
    EXPECT_EQ(at.allow, "") << path;
  }
}

TEST(router, no_route_stands_twice_and_the_ops_listener_only_reads) {
  std::set<std::pair<verb, std::string_view>> seen;
  for (const route& each : routes()) {
    EXPECT_TRUE(seen.emplace(each.method, each.path).second) << each.path;
    if (each.where == served_on::both) EXPECT_EQ(each.method, verb::get) << each.path;
    if (each.path.starts_with("/v1/")) EXPECT_EQ(each.needs, access::token) << each.path;
  }
}

TEST(router, the_action_is_the_last_word) {
  EXPECT_EQ(action_of(route{verb::post, "/v1/dead-letters/replay", served_on::admin, access::token, nullptr}), "replay");
}

} // namespace
} // namespace tocsin::api
