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
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <sys/socket.h>

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

struct received {
  ssize_t size = 0;                            // as recvmsg(2) has it
  std::chrono::steady_clock::time_point there; // when the machine received the last of it (SO_TIMESTAMPNS)
};

received receive(tcp::socket& socket, std::span<char> into) {
  iovec part{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  received got{::recvmsg(socket.native_handle(), &message, MSG_DONTWAIT), std::chrono::steady_clock::now()};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(each))) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
    got.there -= now - std::chrono::seconds(stamp.tv_sec) - std::chrono::nanoseconds(stamp.tv_nsec);
  }
  return got;
}

asio::awaitable<void> serve(tcp::socket socket, latencies& arrived, latencies& read) {
  socket.set_option(tcp::no_delay(true));
  const int on = 1;
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  std::array<char, 16'384> buffer{};
  std::size_t held = 0;
  for (;;) {
    const auto got = receive(socket, std::span(buffer).subspan(held));
    if (got.size < 0 && errno == EAGAIN) {
      const auto [error] = co_await socket.async_wait(tcp::socket::wait_read, token);
      if (error) co_return;
      continue;
    }
    if (got.size <= 0) co_return;
    held += static_cast<std::size_t>(got.size);
    const auto length = length_of({buffer.data(), held});
    if (length == 0 || held < length) continue;
    arrived.add({buffer.data(), length}, got.there);
    read.add({buffer.data(), length});
    held = 0; // the relay does not pipeline
    const auto [failed, written] = co_await asio::async_write(socket, asio::buffer(reply), token);
    if (failed) co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, latencies& arrived, latencies& read) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(token);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), arrived, read), asio::detached);
  }
}

} // namespace

struct arrival_endpoint::state {
  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::jthread thread;
};

arrival_endpoint::arrival_endpoint(latencies& arrived, latencies& read) : state_(std::make_unique<state>()) {
  asio::co_spawn(state_->io, listen(state_->acceptor, arrived, read), asio::detached);
  state_->thread = std::jthread([&io = state_->io] { io.run(); });
}

arrival_endpoint::~arrival_endpoint() { state_->io.stop(); }

std::string arrival_endpoint::url() const {
  return fmt::format("http://127.0.0.1:{}/", state_->acceptor.local_endpoint().port());
}

} // namespace tocsin::bench
