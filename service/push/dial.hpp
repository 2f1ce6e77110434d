// Opens a TCP connection to a name: every address in turn, the next one started when one has failed or has been silent for 250 ms
// (RFC 8305, in short), the first that answers wins.
#pragma once

#include "delivery/outcome.hpp"
#include "push/name_lookup.hpp"
#include "push/url.hpp"
#include "runtime/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace tocsin::push {

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, runtime::executor>;

struct dial_failure {
  delivery::retry_reason reason = delivery::retry_reason::connect; // or dns
  std::string detail;
};

// One dialling. abort() may be called at any time on the same thread; the object outlives run().
class dial {
public:
  dial(runtime::executor, name_lookup&);
  ~dial();

  // Resolves and connects until `deadline`. The socket is non-blocking, without Nagle's delay.
  [[nodiscard]] runtime::task<boost::system::result<tcp_socket, dial_failure>>
  run(const url&, std::chrono::steady_clock::time_point deadline);
  void abort();

private:
  struct race;
  name_lookup& names_;
  std::shared_ptr<race> race_;
};

} // namespace tocsin::push
