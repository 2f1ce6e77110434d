// An HTTP/1 request, and the reader that makes it of a connection's bytes without doing any I/O. Beast's parser does the grammar;
// what it lets through and a proxy in front may read differently (RFC 9112 11.2, request smuggling) is refused here.
#pragma once

#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::api {

using verb = boost::beast::http::verb;

struct request {
  verb method = verb::unknown;                              // unknown: a method that Beast has no name for
  std::string path, query;                                  // as sent, not decoded; the query without its `?`
  std::vector<std::pair<std::string, std::string>> headers; // names in lower case; of the head alone, never of trailers
  std::string body;
  bool keep_alive = false;

  [[nodiscard]] const std::string* header(std::string_view lower_case_name) const noexcept; // the first; null: none
  // Whether the query has the parameter, with any value but `false` and `0`.
  [[nodiscard]] bool flag(std::string_view name) const noexcept;
};

struct request_limits {
  std::size_t head = 16 * 1024;
  std::size_t body = 64 * 1024;
};

// Why a request is not read to its end. The answer closes the connection: what follows may not be a request at all.
struct bad_request {
  unsigned status = 400;
  std::string detail;
};

class request_reader {
public:
  explicit request_reader(request_limits);
  ~request_reader();
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  enum class state {
    idle,     // not a byte of a request has come
    head,     // in the middle of the head
    body,     // the head is whole, the body is not
    complete, // take() has it
    refused,  // refusal() says why; nothing more is read
  };

  // Takes bytes as they arrive, more than one request's too (pipelining): the rest waits for the next take().
  state feed(std::string_view bytes);
  [[nodiscard]] state now() const noexcept { return state_; }
  // The client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1); true once a request.
  [[nodiscard]] bool wants_continue() noexcept { return std::exchange(continue_, false); }
  [[nodiscard]] request take(); // in state complete; goes on with the next request
  [[nodiscard]] const bad_request& refusal() const noexcept { return refusal_; }

private:
  struct parser;

  void go_on();
  [[nodiscard]] bool check_head_bytes();
  void read_head();
  void read_body();
  void refuse(unsigned status, std::string detail);

  request_limits limits_;
  state state_ = state::idle;
  std::string buffer_;
  std::size_t checked_ = 0;  // bytes of the buffer that check_head_bytes() has seen
  std::size_t raw_body_ = 0; // bytes of the body as sent, framing included
  bool continue_ = false;
  std::unique_ptr<parser> parser_;
  std::optional<request> head_;
  bad_request refusal_;
};

} // namespace tocsin::api
