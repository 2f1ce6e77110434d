#include "api/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace tocsin::api {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string to_string(const tcp::endpoint& of) {
  const std::string address = of.address().to_string();
  return of.address().is_v6() ? fmt::format("[{}]:{}", address, of.port()) : fmt::format("{}:{}", address, of.port());
}

tcp::acceptor listen_on(asio::io_context& io, std::string_view setting, const config::listen_address& at) {
  boost::system::error_code error;
  const auto fail = [&](std::string_view address, std::string_view what) {
    throw listen_error(fmt::format("{}: cannot listen on {}: {}; {}", setting, address, error.message(), what));
  };
  const std::string asked =
      at.host.find(':') == std::string::npos ? fmt::format("{}:{}", at.host, at.port) : fmt::format("[{}]:{}", at.host, at.port);
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(at.host, fmt::to_string(at.port), tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) fail(asked, "name an address of this machine");
  const tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address() == asio::ip::address_v6::any()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) fail(asked, "name another port, 0 for any free one, or `off`");
  return acceptor;
}

listener::listener(tcp::acceptor acceptor, listener_kind kind, connection_limits limits, dispatcher& dispatcher,
                   runtime::task_group& tasks)
    : acceptor_(std::move(acceptor)), kind_(kind), limits_(limits), dispatcher_(dispatcher), tasks_(tasks) {}

void listener::start() { tasks_.spawn(accept()); }

void listener::close() noexcept {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const entry& each : connections_) each->close();
  connections_.clear();
}

asio::awaitable<void> listener::accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!acceptor_.is_open()) co_return; // also where the last connection came just before
    if (error) {
      // Of descriptors there may be none at the moment; trying again at once would only spin.
      asio::steady_timer pause(acceptor_.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    make_room();
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const entry& made = connections_.emplace_back(std::make_shared<connection>(std::move(socket), kind_, limits_, dispatcher_));
    tasks_.spawn(serve(made));
  }
}

asio::awaitable<void> listener::serve(entry client) {
  co_await client->run();
  client->close();
  connections_.remove(client);
}

void listener::make_room() {
  if (connections_.size() < limits_.connections) return;
  const auto least = std::ranges::min_element(connections_, {}, [](const entry& each) { return each->now(); });
  (*least)->close();
  connections_.erase(least);
}

} // namespace tocsin::api
