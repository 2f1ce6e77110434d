#include "api/guard.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tocsin::api {
namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

request asked(verb method, headers of) { return {.method = method, .path = "/v1/pause", .headers = std::move(of)}; }

TEST(guard, addresses_and_localhost_are_allowed_hosts) {
  for (const char* host :
       {"localhost", "LOCALHOST:8081", "localhost.", "a.b.localhost:1", "127.0.0.1", "10.1.2.3:8081", "[::1]", "[fe80::1]:8081"})
    EXPECT_TRUE(is_allowed_host(host, {})) << host;
  for (const char* host : {"", "evil.test", "localhost.evil.test", "notlocalhost", "127.0.0.1.evil.test", "127.0.0.1.nip.io:8081",
                           "[::1", "[evil]", "localhost:", "localhost:80x", "localhost:80:80", "localhost evil"})
    EXPECT_FALSE(is_allowed_host(host, {})) << host;
}

TEST(guard, other_names_are_allowed_where_they_are_listed) {
  const std::vector<std::string> allowed{"relay.example", "Other.example:9000"};
  EXPECT_TRUE(is_allowed_host("Relay.Example", allowed));
  EXPECT_TRUE(is_allowed_host("relay.example:8081", allowed));
  EXPECT_TRUE(is_allowed_host("other.example:9000", allowed));
  EXPECT_FALSE(is_allowed_host("other.example", allowed));
  EXPECT_FALSE(is_allowed_host("other.example:9001", allowed));
  EXPECT_FALSE(is_allowed_host("x.relay.example", allowed));
}

TEST(guard, clients_that_are_no_browsers_are_of_the_same_origin) {
  EXPECT_TRUE(is_same_origin(asked(verb::post, {{"host", "localhost:8081"}})));
}

TEST(guard, an_origin_has_to_be_the_host_that_was_asked) {
  const auto allowed = [](const char* origin, const char* host, verb method = verb::post) {
    return is_same_origin(asked(method, {{"host", host}, {"origin", origin}}));
  };
  EXPECT_TRUE(allowed("http://localhost:8081", "localhost:8081"));
  EXPECT_TRUE(allowed("http://localhost", "LOCALHOST:80"));
  EXPECT_TRUE(allowed("https://relay.example", "relay.example")) << "behind a proxy that ends TLS";
  EXPECT_TRUE(allowed("http://[::1]:8081", "[::1]:8081"));
  EXPECT_FALSE(allowed("http://localhost:3000", "localhost:8081")) << "another port is another origin";
  EXPECT_FALSE(allowed("http://localhost", "localhost:8081"));
  EXPECT_FALSE(allowed("http://evil.test", "localhost:8081"));
  EXPECT_FALSE(allowed("http://evil.test", "localhost:8081", verb::get));
  EXPECT_FALSE(allowed("null", "localhost:8081"));
  EXPECT_FALSE(allowed("file://", "localhost:8081"));
  EXPECT_FALSE(allowed("http://127.0.0.1:8081", "localhost:8081"));
  EXPECT_FALSE(is_same_origin(asked(verb::post, {{"origin", "http://localhost"}}))) << "no Host";
}

TEST(guard, a_browser_says_where_a_request_comes_from) {
  const auto allowed = [](verb method, const char* site, const char* mode) {
    return is_same_origin(asked(method, {{"host", "localhost:8081"}, {"sec-fetch-site", site}, {"sec-fetch-mode", mode}}));
  };
  EXPECT_TRUE(allowed(verb::post, "same-origin", "cors"));
  EXPECT_TRUE(allowed(verb::get, "none", "navigate"));
  EXPECT_TRUE(allowed(verb::get, "cross-site", "navigate")) << "a link";
  EXPECT_FALSE(allowed(verb::post, "cross-site", "navigate")) << "a form";
  EXPECT_FALSE(allowed(verb::get, "cross-site", "no-cors")) << "an image";
  EXPECT_FALSE(allowed(verb::post, "same-site", "cors")) << "another port of localhost";
}

TEST(guard, a_mutation_declares_json) {
  const auto json = [](const char* type) { return is_json(asked(verb::post, {{"content-type", type}})); };
  EXPECT_TRUE(json("application/json"));
  EXPECT_TRUE(json("Application/JSON; charset=utf-8"));
  EXPECT_FALSE(json("text/plain"));
  EXPECT_FALSE(json("application/json5"));
  EXPECT_FALSE(json("text/plain; application/json"));
  EXPECT_FALSE(is_json(asked(verb::post, {})));
  EXPECT_FALSE(is_mutation(verb::get));
  EXPECT_FALSE(is_mutation(verb::head));
  EXPECT_TRUE(is_mutation(verb::put));
  EXPECT_TRUE(is_mutation(verb::unknown));
}

class token_files : public testing::Test {
protected:
  void SetUp() override { std::filesystem::create_directories(directory); }
  void TearDown() override { std::filesystem::remove_all(directory); }
  void write(std::string_view text) { // as a secret's mount does it: a new file takes the name
    std::ofstream(directory / "next") << text;
    std::filesystem::rename(directory / "next", file);
  }
  token_file::verdict check(token_file& tokens, const std::string& header) { return tokens.check(&header); }

  std::filesystem::path directory = std::filesystem::temp_directory_path() / fmt::format("tocsin-token-{}", ::getpid());
  std::filesystem::path file = directory / "token";
};

using verdict = token_file::verdict;

TEST_F(token_files, no_file_asks_for_no_token) {
  token_file none{""};
  EXPECT_EQ(none.check(nullptr), verdict::passed);
  EXPECT_EQ(none.fault(), std::nullopt);
}

TEST_F(token_files, every_line_is_a_token) {
  write("first\n\n  second \r\n");
  token_file tokens(file);
  EXPECT_EQ(check(tokens, "Bearer first"), verdict::passed);
  EXPECT_EQ(check(tokens, "bearer second"), verdict::passed);
  EXPECT_EQ(check(tokens, "Bearer third"), verdict::wrong);
  EXPECT_EQ(check(tokens, "Bearer firs"), verdict::wrong);
  EXPECT_EQ(check(tokens, "Bearer "), verdict::wrong);
  EXPECT_EQ(check(tokens, "Basic first"), verdict::missing);
  EXPECT_EQ(check(tokens, "first"), verdict::missing);
  EXPECT_EQ(tokens.check(nullptr), verdict::missing);
}

TEST_F(token_files, a_changed_file_is_read_again) {
  write("old");
  token_file tokens(file);
  EXPECT_EQ(check(tokens, "Bearer old"), verdict::passed);
  write("new");
  EXPECT_EQ(check(tokens, "Bearer old"), verdict::wrong);
  EXPECT_EQ(check(tokens, "Bearer new"), verdict::passed);
}

TEST_F(token_files, without_a_usable_file_nobody_gets_in) {
  token_file tokens(file);
  EXPECT_THAT(*tokens.fault(), testing::AllOf(testing::HasSubstr("admin.token.file"), testing::HasSubstr(file.string())));
  EXPECT_EQ(check(tokens, "Bearer x"), verdict::wrong);
  write("\n  \n");
  EXPECT_THAT(*tokens.fault(), testing::HasSubstr("is empty"));
  EXPECT_EQ(check(tokens, "Bearer "), verdict::wrong);
  write("x");
  EXPECT_EQ(check(tokens, "Bearer x"), verdict::passed);
  std::filesystem::remove(file);
  EXPECT_EQ(check(tokens, "Bearer x"), verdict::wrong);
}

TEST(request_id, is_the_clients_own_where_it_is_harmless) {
  const auto id = [](std::string given) { return request_id(asked(verb::get, {{"x-request-id", std::move(given)}})); };
  EXPECT_EQ(id("a-B_3.c"), "a-B_3.c");
  EXPECT_NE(id("a b"), "a b");
  EXPECT_NE(id("\xc3\xa4"), "\xc3\xa4");
  EXPECT_NE(id(std::string(65, 'x')), std::string(65, 'x'));
  EXPECT_THAT(id(""), testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(request_id(asked(verb::get, {})), request_id(asked(verb::get, {})));
}

} // namespace
} // namespace tocsin::api
