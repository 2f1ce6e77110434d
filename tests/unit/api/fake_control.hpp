// A relay as the admin server sees it, for tests: it answers what the test says, or nothing at all.
#pragma once

#include "app/control.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <string>

namespace tocsin::test {

class fake_control final : public app::control {
public:
  boost::asio::awaitable<app::relay_status> status() override;
  [[nodiscard]] app::relay_health health() const noexcept override { return health_.load(); }

  void set_health(app::relay_health health) { health_.store(health); }

  app::relay_status answer;           // before the server starts
  std::string failure;                // not empty: status() throws this
  std::atomic<bool> is_stuck = false; // the relay thread, played by relay(), gets the question
  boost::asio::io_context& relay() { return relay_; }

private:
  std::atomic<app::relay_health> health_{app::relay_health{true, true, true, false}};
  boost::asio::io_context relay_;
};

} // namespace tocsin::test
