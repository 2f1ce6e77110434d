// A port and the connections to it. The admin thread, the constructor excepted.
#pragma once

#include "api/connection.hpp"
#include "config/settings.hpp"
#include "runtime/task_group.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tocsin::api {

// Why a listener cannot be: names the setting, the address, the reason and the way out.
class listen_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// Binds and listens. `setting`: admin.ops or admin.listen, for the message. Throws listen_error.
[[nodiscard]] boost::asio::ip::tcp::acceptor listen_on(boost::asio::io_context&, std::string_view setting,
                                                       const config::listen_address&);

[[nodiscard]] std::string to_string(const boost::asio::ip::tcp::endpoint&); // 127.0.0.1:8081, [::1]:8081

// Takes every connection. One more than `limits.connections` takes the place of the one that loses least by it, the longest-held
// of those, so that whoever holds connections open keeps no probe out.
class listener {
public:
  listener(boost::asio::ip::tcp::acceptor, listener_kind, connection_limits, dispatcher&, runtime::task_group&);

  void start();
  void close() noexcept; // takes nothing more, and ends what there is
  [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }

private:
  using entry = std::shared_ptr<connection>;

  [[nodiscard]] boost::asio::awaitable<void> accept();
  [[nodiscard]] boost::asio::awaitable<void> serve(entry);
  void make_room();

  boost::asio::ip::tcp::acceptor acceptor_;
  listener_kind kind_;
  connection_limits limits_;
  dispatcher& dispatcher_;
  runtime::task_group& tasks_;
  std::list<entry> connections_; // oldest first
};

} // namespace tocsin::api
