// An open connection as a request and its answer see it: plain TCP or TLS. Internal to push.
#pragma once

#include "push/answer_parser.hpp"
#include "push/dial.hpp"
#include "push/tls.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tocsin::push {

// A request in two parts. `head` lies in memory that the next request will use: an exchange copies it before it waits for
// anything. `body` stays where it is until the attempt has ended.
struct message {
  std::string_view head;
  std::string_view body;
};

// How an exchange ended.
struct exchange_end {
  enum class kind {
    whole,  // an answer, complete or longer than we read; answer.status says what
    cut,    // it broke off: answer.status is 0 where not even the header came
    silent, // it broke off before the first byte of an answer
  };
  kind how = kind::whole;
  delivery::retry_reason reason = delivery::retry_reason::none; // of cut and silent: reset, timeout, protocol
  const char* detail = "";                                      // the same for people
  bool reusable = false;                                        // the connection can carry another request
};

class channel {
public:
  channel() = default;
  virtual ~channel() = default;
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  // Sends the message and reads the final answer into `into`. Cancelled by abort() only.
  [[nodiscard]] virtual runtime::task<exchange_end> exchange(message, answer& into, keep) = 0;

  // Whether there is nothing to read, neither a byte nor the end: what is wanted of a connection before it is used again.
  [[nodiscard]] virtual bool quiet() = 0;

  // Ends whatever waits and makes the channel useless.
  virtual void abort() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<channel> make_plain_channel(tcp_socket);

// TLS in two steps, so that abort() reaches the handshake.
class tls_channel : public channel {
public:
  // Verifies the peer's chain and name; empty: done; otherwise what is wrong, for people.
  [[nodiscard]] virtual runtime::task<std::string> handshake(const url&) = 0;
};
[[nodiscard]] std::unique_ptr<tls_channel> make_tls_channel(tcp_socket, const tls_context&);

} // namespace tocsin::push
