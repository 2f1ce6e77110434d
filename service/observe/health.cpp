#include "observe/health.hpp"

#include <algorithm>

namespace tocsin::observe {
namespace {

check make(std::string name, bool ok, std::string why) { return {std::move(name), ok ? std::string{} : std::move(why)}; }

check relay_loop(const app::relay_health& health) {
  return make("relay-loop", health.loop_alive, "the relay thread has not ticked for 10 s");
}

check started(const app::relay_health& health) { return make("started", health.started, "the relay is still starting"); }

} // namespace

bool verdict::ok() const noexcept { return std::ranges::all_of(checks, &check::ok); }

std::string verdict::text() const {
  const auto failed = std::ranges::find_if_not(checks, &check::ok);
  return failed == checks.end() ? "ok\n" : "not ok: " + failed->name + "\n";
}

std::string verdict::verbose() const {
  std::string lines;
  for (const check& each : checks)
    lines += each.ok() ? "[+]" + each.name + " ok\n" : "[-]" + each.name + " failed: " + each.failure + "\n";
  return lines + text();
}

// Before the loop runs it cannot have stalled: startupz is the probe for that time.
verdict livez(const app::relay_health& health) {
  if (!health.started) return {{make("relay-loop", true, "")}};
  return {{relay_loop(health)}};
}

verdict readyz(const app::relay_health& health) {
  return {{started(health), relay_loop(health), make("group-joined", health.joined, "not yet a member of the consumer group"),
           make("not-draining", !health.draining, "the relay is draining: it finishes what is in flight and stops")}};
}

verdict startupz(const app::relay_health& health) { return {{started(health)}}; }

} // namespace tocsin::observe
