// The admin server: two listeners (ops and admin) on a thread of their own, so that a probe is answered while the relay is busy.
// docs/admin-api.md says what they answer.
#pragma once

#include "api/connection.hpp"
#include "api/listener.hpp"
#include "app/control.hpp"
#include "config/settings.hpp"
#include "observe/metrics.hpp"

#include <prometheus/collectable.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::api {

struct server_options {
  config::admin_settings settings;
  std::string instance; // this process's name, in every JSON answer
  observe::build_info build;
  std::vector<const prometheus::Collectable*> metrics; // what GET /metrics shows besides the process and the server; outlive it
  connection_limits limits;
  std::chrono::milliseconds status_timeout{5000}; // for the relay thread's answer to a question
};

class server {
public:
  // `relay` outlives the server, and the relay thread's event loop does too: it may hold the answer to a question.
  server(server_options, app::control& relay);
  ~server(); // stops
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // Binds what is not `off`, then serves. Throws listen_error where an address cannot be had, where the token file is unusable,
  // and where the admin listener can be reached from other machines and no token is configured. At most once.
  void start();

  // Takes nothing more, closes every connection and ends the thread. Waits at most a second for the relay thread's answers that
  // are still due. Any thread but the server's own; may be called twice, and before start().
  void stop() noexcept;

  // Where the listeners are bound, for ports that were given as 0; none: `off`, or not started.
  [[nodiscard]] std::optional<std::uint16_t> ops_port() const noexcept;
  [[nodiscard]] std::optional<std::uint16_t> admin_port() const noexcept;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace tocsin::api
