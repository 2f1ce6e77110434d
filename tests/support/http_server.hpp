// An HTTP/1.1 server that does what a test says: right answers, wrong ones, slow ones, none. It runs in a thread of its own on a
// free port of 127.0.0.1. All members may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::test {

struct http_request {
  std::uint64_t number = 0;        // counted over the server's life, from 1
  std::uint64_t connection = 0;    // counted over the server's life, from 1
  std::uint64_t on_connection = 0; // counted over the connection's life, from 1
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers; // as received, in order
  std::string body;
  std::string server_name; // over TLS: whom the client asked for (SNI); empty: it did not say
  std::string client_name; // over TLS: the common name of its certificate; empty: it has none
  std::chrono::steady_clock::time_point at;

  // The first header of this name, in any case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// What to do with one request: wait, write, then treat the connection somehow.
struct http_reply {
  enum class then {
    keep,  // read the next request
    close, // send all of it, then close
    reset, // send all of it, then close with a TCP reset
  };

  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers; // Content-Length is added
  std::string body;

  std::optional<std::string> raw; // written instead of status, headers and body, byte for byte; empty: no answer at all
  std::string repeated;           // written after that, `repetitions` times (an endless header, a huge body)
  std::uint64_t repetitions = 0;
  bool hold = false;                  // waits for release() first
  std::chrono::milliseconds delay{0}; // waits as long first
  then after = then::keep;

  [[nodiscard]] static http_reply with(unsigned status, std::string body = {});
  [[nodiscard]] static http_reply bytes(std::string raw, then after = then::keep);
};

class http_server {
public:
  struct options {
    std::string certificate, key;               // PEM; both: TLS
    std::string client_authority;               // PEM; clients must have a certificate of it
    int newest_tls = 0;                         // TLS1_1_VERSION, say; 0: any
    std::uint16_t port = 0;                     // 0: any free one
    bool keep_requests = true;                  // off: requests are counted, not kept
    std::size_t answer_early_beyond = SIZE_MAX; // the handler is called without the body where it is announced to be larger
  };
  using handler = std::function<http_reply(const http_request&)>;

  explicit http_server(handler = nullptr); // without a handler: 200 with an empty body
  http_server(handler, options);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url(std::string_view path = "/") const; // http(s)://127.0.0.1:port/…

  void set_handler(handler); // for requests that begin later; it runs on the server's thread

  [[nodiscard]] std::uint64_t count() const noexcept;       // requests received as a whole
  [[nodiscard]] std::uint64_t connections() const noexcept; // accepted so far
  [[nodiscard]] std::uint64_t open_connections() const noexcept;
  [[nodiscard]] std::vector<http_request> requests() const;

  // Wait until so many requests were received, or so many connections are open. False: not within the time.
  [[nodiscard]] bool wait_for(std::uint64_t requests, std::chrono::milliseconds = std::chrono::seconds(20)) const;
  [[nodiscard]] bool wait_for_open(std::uint64_t connections, std::chrono::milliseconds = std::chrono::seconds(20)) const;

  void release();           // lets everything go that is held, now or later
  void close_connections(); // all that are open, as an endpoint does with idle ones
  void stop_listening();    // new connections are refused from now on
  void listen_again();      // on the same port

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tocsin::test
