// One request and its answer over any stream. Internal to push; instantiated by the two channels.
#pragma once

#include "push/channel.hpp"
#include "push/plain_success.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/error.hpp>

#include <array>
#include <optional>
#include <poll.h>

namespace tocsin::push {

// What a connection keeps between requests.
template <class Stream>
struct wire {
  Stream stream;
  boost::beast::flat_buffer received{header_limit + 4096};
  std::string unsent;
  bool aborted = false;
};

// What poll(2) says of a socket at this moment; 0: nothing to read and no end.
[[nodiscard]] inline short events_of(tcp_socket& socket) noexcept {
  pollfd polled{socket.native_handle(), POLLIN | POLLRDHUP, 0};
  return ::poll(&polled, 1, 0) < 0 ? short{POLLERR} : polled.revents;
}

namespace detail {

using error_code = boost::system::error_code;
using end = exchange_end;
constexpr int most_interim_answers = 8;

// Parses what has been received. Nothing: more is needed.
template <class Stream>
std::optional<end> parse(wire<Stream>& w, std::optional<answer_parser>& parser, answer& into, keep what, int& interim) {
  while (w.received.size() > 0) {
    error_code error;
    w.received.consume(parser->put(w.received.data(), error));
    if (error == boost::beast::http::error::need_more)
      error.clear();
    else if (error == boost::beast::http::error::body_limit)
      return end{end::kind::whole};
    else if (error == boost::beast::http::error::header_limit)
      return end{end::kind::cut, delivery::retry_reason::protocol, "the answer's header is longer than 16 KiB"};
    else if (error)
      return end{end::kind::cut, delivery::retry_reason::protocol, "the answer is not HTTP"};
    if (!parser->is_done()) {
      if (w.received.size() == w.received.max_size()) {
        return end{end::kind::cut, delivery::retry_reason::protocol, "the answer's header is longer than 16 KiB"};
      }
      return std::nullopt;
    }
    if (into.status >= 200) {
      return end{end::kind::whole, delivery::retry_reason::none, "", parser->keep_alive() && w.received.size() == 0};
    }
    const char* refused = into.status == 101                 ? "the endpoint switched protocols"
                          : ++interim > most_interim_answers ? "too many interim answers"
                                                             : nullptr;
    if (refused != nullptr) return end{end::kind::cut, delivery::retry_reason::protocol, refused};
    parser.emplace(into, what);
  }
  return std::nullopt;
}

// What an end of the stream, or an error, makes of what has been read so far.
inline end broken(std::optional<answer_parser>& parser, bool any_byte, const error_code& why, bool aborted) {
  if (aborted) {
    return {any_byte ? end::kind::cut : end::kind::silent, delivery::retry_reason::timeout,
            any_byte ? "timed out in the middle of the answer" : "timed out waiting for the answer"};
  }
  if (!any_byte) return {end::kind::silent, delivery::retry_reason::reset, "the connection was closed before an answer came"};
  if (why == boost::asio::error::eof && parser->is_header_done() && parser->need_eof()) {
    error_code error;
    parser->put_eof(error);
    if (!error && parser->is_done()) return {end::kind::whole};
  }
  return {end::kind::cut, delivery::retry_reason::reset, "the connection was closed in the middle of the answer"};
}

template <class Stream>
inline constexpr bool is_plain = std::is_same_v<Stream, tcp_socket>;

// Hands over as much as the socket takes at once. What it does not take is copied to `unsent` (the head) or stays (the body).
template <class Stream>
error_code begin_write(wire<Stream>& w, message& m) {
  w.unsent.clear();
  if constexpr (is_plain<Stream>) {
    error_code error;
    const std::array parts{boost::asio::buffer(m.head), boost::asio::buffer(m.body)};
    const auto sent = w.stream.write_some(parts, error);
    if (error == boost::asio::error::would_block) error.clear();
    const auto of_head = std::min(sent, m.head.size());
    w.unsent.append(m.head.substr(of_head));
    m.body.remove_prefix(sent - of_head);
    return error;
  } else {
    constexpr std::size_t one_record = 16 * 1024;
    w.unsent.append(m.head);
    if (m.head.size() + m.body.size() <= one_record) {
      w.unsent.append(m.body);
      m.body = {};
    }
    return {};
  }
}

} // namespace detail

template <class Stream>
runtime::task<exchange_end> exchange_over(wire<Stream>& w, message m, answer& into, keep what) {
  using detail::error_code;
  error_code error = detail::begin_write(w, m);
  if (!error && (!w.unsent.empty() || !m.body.empty())) {
    const std::array rest{boost::asio::buffer(std::as_const(w.unsent)), boost::asio::buffer(m.body)};
    co_await boost::asio::async_write(w.stream, rest, boost::asio::redirect_error(runtime::use_task, error));
    if (w.unsent.capacity() > 4096) std::string().swap(w.unsent);
  }
  // An endpoint may answer and close before it has read everything (413, say): what it said counts more than the failed write.
  const bool written = !error;
  into.clear();
  std::optional<answer_parser> parser;
  bool any_byte = false;
  int interim = 0;
  if (w.received.capacity() == 0) w.received.reserve(2048);
  while (!w.aborted) {
    const auto space = w.received.prepare(boost::beast::read_size(w.received, 64 * 1024));
    const auto size = co_await w.stream.async_read_some(space, boost::asio::redirect_error(runtime::use_task, error));
    if (error) break;
    w.received.commit(size);
    if (!any_byte && !what.headers) {
      const auto bytes = w.received.cdata();
      const auto plain = plain_success({static_cast<const char*>(bytes.data()), bytes.size()});
      if (plain && (!what.body || plain->body.size() <= body_limit)) {
        into.status = plain->status;
        if (what.body) into.body = plain->body;
        w.received.clear();
        co_return exchange_end{.reusable = written};
      }
    }
    any_byte = true;
    if (!parser) parser.emplace(into, what);
    auto ended = detail::parse(w, parser, into, what, interim);
    if (ended) {
      ended->reusable = ended->reusable && written;
      if (!parser->is_header_done() || into.status < 200) into.status = 0;
      co_return *ended;
    }
  }
  const auto end = detail::broken(parser, any_byte, error, w.aborted);
  if (!parser || !parser->is_header_done()) into.status = 0;
  co_return end;
}

} // namespace tocsin::push
