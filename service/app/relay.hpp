// The composition root: builds every room in dependency order, runs the relay thread, and takes everything down in reverse.
#pragma once

#include "app/admin_listener.hpp"
#include "app/assembly.hpp"
#include "config/settings.hpp"

#include <functional>

namespace tocsin::app {

struct relay_options {
  admin_factory admin; // empty: no listeners
  // Called on the relay thread, four times a second, with the state of things; false: stop now (tocsin demo).
  std::function<bool(const relay_status&)> observer;
};

// Runs until SIGTERM, SIGINT, the observer's word, or a fault that only a restart mends. Blocks the caller, whose thread is the
// relay thread. SIGTERM: nothing new is taken from Kafka, what is in flight is finished within shutdown.drain, offsets are
// committed, the group is left. A second signal ends the process at once. Returns the exit code: 0 after a stop that was asked
// for, 1 after a fault, which is logged.
[[nodiscard]] int run_relay(const config::settings&, assembly, relay_options);

} // namespace tocsin::app
