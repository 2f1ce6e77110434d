#include "latency.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tocsin::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto token = asio::as_tuple(asio::use_awaitable);

constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"code\":0}";

// The whole length of the request at the front of what was read, as the relay writes its head; 0 while the head is not whole.
std::size_t length_of(std::string_view read) {
  const auto end = read.find("\r\n\r\n");
  const std::string_view name = "Content-Length: ";
  const auto at = read.find(name);
  if (end == std::string_view::npos || at > end) return 0;
  std::size_t length = 0;
  std::from_chars(read.data() + at + name.size(), read.data() + end, length);
  return end + 4 + length;
}

asio::awaitable<void> serve(tcp::socket socket, latencies& into) {
  socket.set_option(tcp::no_delay(true));
  std::array<char, 16'384> buffer{};
  std::size_t held = 0;
  for (;;) {
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(buffer) + held, token);
    if (error) co_return;
    held += count;
    const auto length = length_of({buffer.data(), held});
    if (length == 0 || held < length) continue;
    into.add({buffer.data(), length});
    held = 0; // the relay does not pipeline
    const auto [failed, written] = co_await asio::async_write(socket, asio::buffer(reply), token);
    if (failed) co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, latencies& into) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(token);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), into), asio::detached);
  }
}

} // namespace

struct arrival_endpoint::state {
  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::jthread thread;
};

arrival_endpoint::arrival_endpoint(latencies& into) : state_(std::make_unique<state>()) {
  asio::co_spawn(state_->io, listen(state_->acceptor, into), asio::detached);
  state_->thread = std::jthread([&io = state_->io] { io.run(); });
}

arrival_endpoint::~arrival_endpoint() { state_->io.stop(); }

std::string arrival_endpoint::url() const {
  return fmt::format("http://127.0.0.1:{}/", state_->acceptor.local_endpoint().port());
}

} // namespace tocsin::bench
