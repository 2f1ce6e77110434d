#include "api/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace tocsin::api {
namespace {

namespace asio = boost::asio;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds farewell{1000}; // for a last answer, and for the client to close first
constexpr std::size_t discarded_at_most = 256 * 1024;

} // namespace

connection::connection(asio::ip::tcp::socket socket, listener_kind listener, const connection_limits& limits,
                       dispatcher& dispatcher)
    : socket_(std::move(socket)),
      listener_(listener),
      limits_(limits),
      dispatcher_(dispatcher),
      reader_(limits.request),
      deadline_(socket_.get_executor(), [this] { expired(); }) {}

void connection::close() noexcept {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void connection::expires_after(std::chrono::milliseconds time) {
  deadline_.expires_at(runtime::deadline_timer::clock::now() + time);
}

void connection::expired() {
  if (phase_ != phase::reading || timed_out_) return close();
  timed_out_ = true; // there is still time to say so
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  expires_after(farewell);
}

asio::awaitable<void> connection::run() {
  expires_after(limits_.request_timeout); // a client that connects has something to say
  for (;;) {
    const bool is_there = co_await read_request();
    if (!is_there) co_return;
    const next after = co_await answer();
    if (after == next::end) co_return;
    phase_ = phase::idle;
    expires_after(limits_.idle_timeout);
  }
}

asio::awaitable<bool> connection::read_request() {
  using state = request_reader::state;
  bool first_byte_came = false;
  for (;;) {
    const state now = reader_.now();
    if (now == state::complete || now == state::refused || timed_out_) co_return true;
    if (now != state::idle) {
      if (!first_byte_came && phase_ == phase::idle) expires_after(limits_.request_timeout);
      first_byte_came = true;
      phase_ = phase::reading;
    }
    if (reader_.wants_continue()) {
      const bool written = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
      if (!written) co_return false;
    }
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(input_), as_result);
    if (error && !timed_out_) co_return false;
    reader_.feed({input_.data(), size});
  }
}

asio::awaitable<connection::next> connection::answer() {
  const auto now = std::chrono::system_clock::now();
  request asked;
  response result;
  auto after = connection_after::close;
  if (reader_.now() == request_reader::state::complete) {
    phase_ = phase::handling;
    deadline_.cancel(); // a handler has limits of its own
    asked = reader_.take();
    if (asked.keep_alive) after = connection_after::keep;
    result = co_await dispatcher_.answer(listener_, asked);
  } else {
    result = dispatcher_.refuse(timed_out_ ? bad_request{408, "the request was not complete in time"} : reader_.refusal());
  }
  phase_ = phase::writing;
  if (!timed_out_) expires_after(limits_.request_timeout);
  const body_shown shown = asked.method == verb::head ? body_shown::no : body_shown::yes;
  const bool written = co_await write(serialize(result, request_id(asked), after, shown, now));
  if (!written) co_return next::end;
  if (after == connection_after::keep) co_return next::request;
  co_await linger();
  co_return next::end;
}

asio::awaitable<bool> connection::write(std::string bytes) {
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
  co_return !error;
}

// Closing with bytes unread resets the connection, and the client may lose the answer with it (RFC 9112 9.6).
asio::awaitable<void> connection::linger() {
  phase_ = phase::idle;
  expires_after(farewell);
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::size_t discarded = 0;
  while (discarded < discarded_at_most) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(input_), as_result);
    if (error) co_return;
    discarded += size;
  }
}

} // namespace tocsin::api
