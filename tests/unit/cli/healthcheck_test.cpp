#include "cli/healthcheck.hpp"
#include "config/quantities.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace tocsin::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// Takes one connection, reads one request and writes one answer; an empty answer is none until the other side goes.
class one_answer {
public:
  explicit one_answer(std::string answer)
      : thread_([this, text = std::move(answer)] {
          tcp::socket socket = acceptor_.accept();
          boost::system::error_code ignored;
          asio::read_until(socket, asio::dynamic_buffer(request_), "\r\n\r\n", ignored);
          asio::write(socket, asio::buffer(text), ignored);
          char byte = 0;
          if (text.empty()) socket.read_some(asio::buffer(&byte, 1), ignored);
        }) {}
  ~one_answer() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] config::listen_address address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }
  [[nodiscard]] const std::string& request() {
    thread_.join();
    return request_;
  }

private:
  asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::string request_;
  std::thread thread_;
};

TEST(healthcheck, asks_whether_the_relay_is_ready) {
  one_answer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  const auto answer = ask_health(server.address(), health_question::ready, 10s);
  EXPECT_TRUE(answer.healthy);
  EXPECT_THAT(answer.text, testing::EndsWith("/readyz: 200 ok"));
  EXPECT_THAT(server.request(), testing::StartsWith("GET /readyz HTTP/1.1\r\n"));
}

TEST(healthcheck, says_why_the_relay_is_not_alive) {
  one_answer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 16\r\n\r\nnot ok: loop\nxyz");
  const auto answer = ask_health(server.address(), health_question::live, 10s);
  EXPECT_FALSE(answer.healthy);
  EXPECT_THAT(answer.text, testing::EndsWith("/livez: 503 not ok: loop"));
  EXPECT_THAT(server.request(), testing::StartsWith("GET /livez HTTP/1.1\r\n"));
}

TEST(healthcheck, a_relay_that_does_not_answer_is_not_healthy) {
  one_answer server("");
  const auto answer = ask_health(server.address(), health_question::ready, 50ms);
  EXPECT_FALSE(answer.healthy);
  EXPECT_THAT(answer.text, HasSubstr("no answer in time"));
}

TEST(healthcheck, no_relay_is_not_healthy) {
  config::listen_address address;
  {
    asio::io_context context;
    const tcp::acceptor gone(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    address = {"127.0.0.1", gone.local_endpoint().port()};
  }
  const auto answer = ask_health(address, health_question::ready, 10s);
  EXPECT_FALSE(answer.healthy);
  EXPECT_THAT(answer.text, HasSubstr("Connection refused; is tocsin running, with admin.ops on this address?"));
}

TEST(healthcheck, garbage_is_not_healthy) {
  one_answer server("SSH-2.0-x\r\n\r\n");
  EXPECT_FALSE(ask_health(server.address(), health_question::ready, 10s).healthy);
}

TEST(healthcheck, an_address_for_everybody_is_asked_on_this_machine) {
  EXPECT_EQ(reachable({"0.0.0.0", 1}).host, "127.0.0.1");
  EXPECT_EQ(reachable({"::", 1}).host, "::1");
  EXPECT_EQ(reachable({"10.0.0.1", 1}).host, "10.0.0.1");
}

TEST(healthcheck, tells_wrong_usage_from_failure) {
  healthcheck_options options;
  options.address = "nowhere";
  EXPECT_EQ(healthcheck(options), exit_code::usage);
  options.config = "/no/such/file.yaml";
  EXPECT_EQ(healthcheck(options), exit_code::configuration);
}

} // namespace
} // namespace tocsin::cli
