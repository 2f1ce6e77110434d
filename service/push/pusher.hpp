// Pushes events to the endpoint over a pool of keep-alive connections (design: README of this folder). It asks a work_source what
// to send and tells it how each attempt ended; it keeps no event of its own. One thread.
#pragma once

#include "config/settings.hpp"
#include "push/name_lookup.hpp"
#include "push/work_source.hpp"
#include "runtime/task.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tocsin::push {

// Everything that is wrong with the settings of an endpoint, secrets' and certificates' files included: each begins with the path
// of its member and ": ". Empty: a pusher can be made of them.
[[nodiscard]] std::vector<std::string> check_endpoint(const config::endpoint_settings&);

class core;

class pusher {
public:
  // Throws std::runtime_error with the first sentence of check_endpoint(). Settings, source and probe outlive it. `names` is for
  // tests.
  pusher(runtime::executor, const config::endpoint_settings&, work_source&, probe&, std::unique_ptr<name_lookup> names = nullptr);
  // Either never started, or close() was called and drained() has returned.
  ~pusher();

  void start(); // asks for work from now on

  // There may be work, or more connections may be wanted than before. Cheap: it wakes or opens at most one connection, and each
  // one that finds work wakes the next. Before start() and after stop() it does nothing.
  void wake();

  void stop();  // takes no more work; attempts in flight go on
  void close(); // stop(), and abandons attempts in flight: their end is not reported any more
  // Waits until no attempt is in flight; after close(), until nothing runs any more.
  [[nodiscard]] boost::asio::awaitable<void> drained();

  [[nodiscard]] std::size_t active_connections() const noexcept; // at work or opening
  [[nodiscard]] std::size_t idle_connections() const noexcept;
  [[nodiscard]] std::size_t attempts_in_flight() const noexcept;

private:
  std::unique_ptr<core> core_;
};

} // namespace tocsin::push
