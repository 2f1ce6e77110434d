#include "harness.hpp"
#include "push/tls.hpp"
#include "support/certificates.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tocsin::push {
namespace {

using delivery::outcome;
using delivery::retry_reason;
using std::chrono::hours;
using test::http_reply;
using test::http_request;
using test::http_server;

class tls : public pusher_test {
protected:
  tls() {
    folder = std::filesystem::temp_directory_path() / ("tocsin-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    settings.tls.ca_file = write("ca.pem", authority.pem);
  }
  ~tls() override { std::filesystem::remove_all(folder); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  }

  // A server with such a certificate, known as https://endpoint.test.
  void serve(const test::certificate_request& wanted, http_server::handler handler = nullptr, http_server::options options = {}) {
    auto made = test::make_certificate(authority, wanted);
    options.certificate = std::move(made.pem);
    options.key = std::move(made.key);
    server = std::make_unique<http_server>(std::move(handler), std::move(options));
    settings.url = "https://endpoint.test/";
    use(std::make_unique<fixed_lookup>(endpoints{{boost::asio::ip::make_address("127.0.0.1"), server->port()}}));
  }

  // Expects that no connection comes about, for this reason, and that no byte of the event leaves.
  void expect_refused(std::string_view why) {
    send();
    run_until([&] { return !source.refused.empty(); });
    EXPECT_EQ(source.refused[0].reason, retry_reason::tls);
    EXPECT_THAT(source.refused[0].detail, testing::HasSubstr(why));
    EXPECT_EQ(probe.errors.at(0), retry_reason::tls);
    EXPECT_EQ(server->count(), 0U);
    EXPECT_EQ(probe.opened, 0);
  }

  const test::certificate authority = test::make_authority();
  std::filesystem::path folder;
  std::unique_ptr<http_server> server;
};

TEST_F(tls, delivers_to_whom_the_certificate_names) {
  serve({.names = {"DNS:endpoint.test"}});
  EXPECT_EQ(result_of(R"({"a":1})").outcome, outcome::delivered);
  EXPECT_EQ(result_of("2").outcome, outcome::delivered);
  EXPECT_EQ(server->connections(), 1U) << "a session ticket is no reason for a new connection";
  EXPECT_EQ(server->requests()[0].body, R"({"a":1})");
}

TEST_F(tls, delivers_a_large_body) {
  serve({.names = {"DNS:endpoint.test"}});
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(result_of(large).outcome, outcome::delivered);
  EXPECT_EQ(server->requests()[0].body, large);
}

TEST_F(tls, delivers_to_an_address_that_the_certificate_names) {
  serve({.names = {"IP:127.0.0.1"}});
  settings.url = server->url();
  EXPECT_EQ(result_of().outcome, outcome::delivered);
}

TEST_F(tls, says_whom_it_looks_for) { // RFC 6066 3: a name, never an address
  serve({.names = {"DNS:endpoint.test", "IP:127.0.0.1"}});
  ASSERT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server->requests()[0].server_name, "endpoint.test");
}

TEST_F(tls, does_not_ask_for_an_address_by_name) {
  serve({.names = {"IP:127.0.0.1"}});
  settings.url = server->url();
  ASSERT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server->requests()[0].server_name, "");
}

TEST_F(tls, shows_its_certificate_to_an_endpoint_that_wants_one) {
  const auto own = test::make_certificate(authority, {.common_name = "relay-1"});
  settings.tls.cert_file = write("own.pem", own.pem);
  settings.tls.key_file = write("own.key", own.key);
  serve({.names = {"DNS:endpoint.test"}}, nullptr, {.client_authority = authority.pem});
  ASSERT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server->requests()[0].client_name, "relay-1");
}

TEST_F(tls, delivers_nothing_without_the_certificate_that_the_endpoint_wants) {
  serve({.names = {"DNS:endpoint.test"}}, nullptr, {.client_authority = authority.pem});
  send();
  run_until([&] { return !source.refused.empty() || !source.results.empty(); });
  for (const auto& ended : source.results) EXPECT_NE(ended.result.outcome, outcome::delivered);
  EXPECT_EQ(server->count(), 0U);
}

TEST_F(tls, refuses_a_version_older_than_1_2) { // RFC 8996
  serve({.names = {"DNS:endpoint.test"}}, nullptr, {.newest_tls = TLS1_1_VERSION});
  expect_refused("version");
}

TEST_F(tls, refuses_an_address_that_the_certificate_does_not_name) {
  serve({.names = {"DNS:localhost", "IP:127.0.0.2"}});
  settings.url = server->url();
  expect_refused("IP address mismatch");
}

TEST_F(tls, refuses_an_expired_certificate) {
  serve({.names = {"DNS:endpoint.test"}, .valid_from = hours(-48), .valid_until = hours(-24)});
  expect_refused("expired");
}

TEST_F(tls, refuses_a_certificate_of_the_future) {
  serve({.names = {"DNS:endpoint.test"}, .valid_from = hours(24), .valid_until = hours(48)});
  expect_refused("not yet valid");
}

TEST_F(tls, refuses_a_wrong_host_name) {
  serve({.names = {"DNS:other.test"}});
  expect_refused("ostname mismatch");
}

TEST_F(tls, refuses_a_name_that_only_the_subject_has) {
  serve({.common_name = "endpoint.test", .names = {}});
  expect_refused("ostname mismatch");
}

TEST_F(tls, refuses_an_unknown_authority) {
  serve({.names = {"DNS:endpoint.test"}});
  settings.tls.ca_file = write("other.pem", test::make_authority("somebody else").pem);
  expect_refused("unable to get local issuer");
}

TEST_F(tls, refuses_a_server_that_speaks_no_tls) {
  serve({.names = {"DNS:endpoint.test"}});
  http_server plain;
  use(std::make_unique<fixed_lookup>(endpoints{{boost::asio::ip::make_address("127.0.0.1"), plain.port()}}));
  // The plain server waits for the end of a header that never comes; so does the handshake for its answer.
  settings.connect_timeout = std::chrono::milliseconds(50);
  expect_refused("TLS");
}

TEST_F(tls, sends_again_on_a_fresh_connection_when_the_old_one_was_stale) {
  serve({.names = {"DNS:endpoint.test"}},
        [](const http_request& r) { return r.number == 2 ? http_reply::bytes("", http_reply::then::reset) : http_reply{}; });
  source.wanted = 1;
  send("1");
  send("2");
  run_until_ended(2);
  EXPECT_EQ(source.results[1].result.outcome, outcome::delivered);
  EXPECT_EQ(server->count(), 3U);
}

TEST_F(tls, replaces_an_idle_connection_that_the_endpoint_has_closed) {
  serve({.names = {"DNS:endpoint.test"}});
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  run_until([&] { return pusher().idle_connections() == 1; });
  server->close_connections();
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server->count(), 2U);
}

TEST_F(tls, times_out) {
  serve({.names = {"DNS:endpoint.test"}}, [](const http_request&) { return http_reply::bytes(""); });
  settings.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(result_of().reason, retry_reason::timeout);
}

TEST_F(tls, names_the_file_that_is_wrong) {
  settings.url = "https://endpoint.test/";
  settings.tls.ca_file = folder / "missing.pem";
  EXPECT_THAT(check_endpoint(settings), testing::ElementsAre(testing::AllOf(testing::HasSubstr("endpoint.tls.ca_file"),
                                                                            testing::HasSubstr("missing.pem"))));
  settings.tls.ca_file.clear();
  settings.tls.cert_file = folder / "ca.pem";
  EXPECT_THAT(check_endpoint(settings), testing::ElementsAre(testing::HasSubstr("key_file")));
}

TEST_F(tls, names_every_file_that_is_wrong) {
  settings.url = "https://endpoint.test/";
  settings.tls = {folder / "no-ca.pem", folder / "no-cert.pem", folder / "no-key.pem"};
  using testing::StartsWith;
  EXPECT_THAT(check_endpoint(settings),
              testing::ElementsAre(StartsWith("endpoint.tls.ca_file: "), StartsWith("endpoint.tls.cert_file: "),
                                   StartsWith("endpoint.tls.key_file: ")));
}

TEST_F(tls, reads_the_files_again_when_they_change) {
  const auto other = test::make_authority("the next authority");
  const auto file = write("rotated.pem", authority.pem);
  auto context = tls_context::make({.ca_file = file});
  ASSERT_TRUE(context);
  auto* const before = context->context().native_handle();
  const auto start = tls_context::clock::now();
  ASSERT_TRUE(context->refresh(start));
  EXPECT_EQ(context->context().native_handle(), before);

  write("rotated.pem", other.pem);
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + hours(1));
  ASSERT_TRUE(context->refresh(start + std::chrono::seconds(1))) << "too early to look";
  EXPECT_EQ(context->context().native_handle(), before);
  ASSERT_TRUE(context->refresh(start + std::chrono::seconds(3)));
  auto* const after = context->context().native_handle();
  EXPECT_NE(after, before);

  write("rotated.pem", "garbage");
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + hours(2));
  EXPECT_FALSE(context->refresh(start + std::chrono::seconds(6)));
  EXPECT_EQ(context->context().native_handle(), after) << "what worked stays in use";
}

} // namespace
} // namespace tocsin::push
