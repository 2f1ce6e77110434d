// The admin server as the composition root sees it. service/ does not know api/: main.cpp hands a factory in.
#pragma once

#include "app/control.hpp"
#include "config/settings.hpp"
#include "observe/metrics.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tocsin::app {

class admin_listener {
public:
  admin_listener() = default;
  virtual ~admin_listener() = default;
  admin_listener(const admin_listener&) = delete;
  admin_listener& operator=(const admin_listener&) = delete;

  // Binds and serves on a thread of its own. A message that names the setting, the address and the reason where it cannot.
  [[nodiscard]] virtual std::optional<std::string> start() = 0;
  virtual void stop() noexcept = 0; // idempotent
};

// What a listener is made of. The references outlive it.
struct admin_parts {
  const config::admin_settings& settings;
  control& relay;
  const observe::metrics& metrics;
  observe::build_info build;
  std::string instance; // this process's name, in every answer
};

using admin_factory = std::function<std::unique_ptr<admin_listener>(admin_parts)>;

} // namespace tocsin::app
