// One client's connection: requests in, answers out, and an end to each that is slow. The admin thread.
#pragma once

#include "api/dispatcher.hpp"
#include "api/request.hpp"
#include "runtime/deadline_timer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace tocsin::api {

struct connection_limits {
  request_limits request;
  std::chrono::milliseconds request_timeout{10'000}; // from the first byte of a request to the last; and as long for the answer
  std::chrono::milliseconds idle_timeout{75'000};    // between an answer and the next request's first byte
  std::size_t connections = 64;                      // of a listener; one more makes room for itself
};

class connection {
public:
  connection(boost::asio::ip::tcp::socket, listener_kind, const connection_limits&, dispatcher&);

  // Until the client or close() ends it.
  [[nodiscard]] boost::asio::awaitable<void> run();
  void close() noexcept;

  // How much is lost if this one has to make room: nothing, a request half read, an answer half written, one being made.
  enum class phase : std::uint8_t { idle, reading, writing, handling };
  [[nodiscard]] phase now() const noexcept { return phase_; }

private:
  enum class next { request, end };

  [[nodiscard]] boost::asio::awaitable<bool> read_request(); // false: the client is gone
  [[nodiscard]] boost::asio::awaitable<next> answer();
  [[nodiscard]] boost::asio::awaitable<bool> write(std::string bytes);
  [[nodiscard]] boost::asio::awaitable<void> linger();
  void expired();
  void expires_after(std::chrono::milliseconds);

  boost::asio::ip::tcp::socket socket_;
  listener_kind listener_;
  const connection_limits& limits_;
  dispatcher& dispatcher_;
  request_reader reader_;
  runtime::deadline_timer deadline_;
  phase phase_ = phase::idle;
  bool timed_out_ = false; // in the middle of a request
  std::array<char, 4096> input_{};
};

} // namespace tocsin::api
