// Secrets, credentials and signatures.
#include "harness.hpp"
#include "push/base64.hpp"
#include "push/credentials.hpp"
#include "push/signature.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tocsin::push {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class secrets : public pusher_test {
protected:
  secrets() {
    folder = std::filesystem::temp_directory_path() / ("tocsin-secrets-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
  }
  ~secrets() override { std::filesystem::remove_all(folder); }

  std::filesystem::path write(const std::string& text) {
    // A new file in place of the old one, as Kubernetes does it: another inode.
    std::ofstream(folder / "next") << text;
    std::filesystem::rename(folder / "next", folder / "secret");
    return folder / "secret";
  }

  std::filesystem::path folder;
  const secret::clock::time_point start = secret::clock::now();
};

TEST_F(secrets, are_read_without_the_white_space_at_the_end) {
  secret s("endpoint.auth.token", write("s3cret \r\n\n"));
  EXPECT_EQ(s.refresh(start).value(), secret::change::changed);
  EXPECT_EQ(s.value(), "s3cret");
}

TEST_F(secrets, are_read_again_when_the_file_changes) {
  secret s("endpoint.auth.token", write("one"));
  ASSERT_TRUE(s.refresh(start));
  write("two");
  EXPECT_EQ(s.refresh(start + 1s).value(), secret::change::none) << "too early to look";
  EXPECT_EQ(s.refresh(start + 2s).value(), secret::change::changed);
  EXPECT_EQ(s.value(), "two");
  EXPECT_EQ(s.refresh(start + 4s).value(), secret::change::none);
}

TEST_F(secrets, stay_what_they_were_when_the_file_is_bad) {
  secret s("endpoint.auth.token", write("one"));
  ASSERT_TRUE(s.refresh(start));
  write("");
  EXPECT_THAT(s.refresh(start + 2s).error().text, testing::AllOf(HasSubstr("endpoint.auth.token"), HasSubstr("is empty")));
  write("two\nlines");
  EXPECT_THAT(s.refresh(start + 4s).error().text, testing::AllOf(HasSubstr("control character"), Not(HasSubstr("two"))));
  write(std::string(70000, 'x'));
  EXPECT_THAT(s.refresh(start + 6s).error().text, HasSubstr("64 KiB"));
  std::filesystem::remove(folder / "secret");
  EXPECT_THAT(s.refresh(start + 8s).error().text, HasSubstr("No such file"));
  EXPECT_EQ(s.value(), "one");
  EXPECT_EQ(secret("endpoint.auth.bearer.file", folder).refresh(start).error().text,
            "endpoint.auth.bearer.file: \"" + folder.string() + "\" is a folder; name a file");
}

TEST_F(secrets, make_an_authorization_of_any_kind) {
  credentials bearer(config::bearer_credentials{{write("abc")}});
  ASSERT_TRUE(bearer.refresh(start));
  EXPECT_EQ(bearer.line(), "Authorization: Bearer abc\r\n");
  credentials basic(config::basic_credentials{"Aladdin", {write("open sesame")}});
  ASSERT_TRUE(basic.refresh(start));
  EXPECT_EQ(basic.line(), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
  credentials whole(config::authorization_credentials{{write("GenieKey abc")}});
  ASSERT_TRUE(whole.refresh(start));
  EXPECT_EQ(whole.line(), "Authorization: GenieKey abc\r\n");
  credentials none{config::credentials{}};
  ASSERT_TRUE(none.refresh(start));
  EXPECT_EQ(none.line(), "");
}

TEST_F(secrets, reach_the_endpoint) {
  test::http_server server;
  settings.url = server.url();
  settings.auth = config::bearer_credentials{{write("abc")}};
  EXPECT_EQ(result_of().outcome, delivery::outcome::delivered);
  EXPECT_EQ(server.requests().at(0).header("authorization"), "Bearer abc");
}

TEST_F(secrets, that_change_reach_the_endpoint_without_a_restart) {
  test::http_server server;
  settings.url = server.url();
  settings.auth = config::bearer_credentials{{write("abc")}};
  EXPECT_EQ(result_of().outcome, delivery::outcome::delivered);
  write("def");
  run_until([&] {
    (void)result_of();
    return server.requests().back().header("authorization") == "Bearer def";
  });
}

TEST_F(secrets, that_are_missing_are_named_at_start) {
  settings.url = "http://a/";
  settings.auth = config::bearer_credentials{{folder / "missing"}};
  EXPECT_THAT(check_endpoint(settings),
              testing::ElementsAre(testing::AllOf(testing::StartsWith("endpoint.auth.bearer.file: "), HasSubstr("missing"))));
  EXPECT_THROW(pusher(), std::runtime_error);
}

// The example of the Standard Webhooks specification's libraries.
TEST(signature, is_what_standard_webhooks_says) {
  const auto key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  EXPECT_EQ(sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", std::chrono::sys_seconds(1614265330s), R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(signature, refuses_a_key_that_is_no_base64) {
  EXPECT_THAT(signing_key("whsec_***").error().text, HasSubstr("not base64"));
  EXPECT_EQ(signing_key("plain").value(), "plain");
}

TEST_F(secrets, sign_every_request_with_the_idempotency_key_as_id) {
  test::http_server server;
  settings.url = server.url();
  settings.signing_secret = {write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
  send("{}", "Idempotency-Key: \"alerts-3-42\"\r\n");
  run_until_ended(1);
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.header("webhook-id"), "alerts-3-42");
  const auto time = std::stoll(std::string(request.header("webhook-timestamp")));
  EXPECT_EQ(request.header("webhook-signature"), sign(signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value(),
                                                      "alerts-3-42", std::chrono::sys_seconds(std::chrono::seconds(time)), "{}"));
}

TEST(base64, goes_both_ways) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
  }
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  for (const char* text : {"Zg=", "Z", "Zg", "=", "====", "Z===", "Z!==", "Zg==Zg=="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

} // namespace
} // namespace tocsin::push
