// What the probes answer, as pure functions: GET /livez, /readyz, /startupz (docs/admin-api.md).
// Only a stalled loop fails livez, for a restart helps against nothing else: not against a broker that is down, an endpoint that
// is down, lag or an operator's pause, all of which fail no probe. readyz says that this member of the group takes part in its
// work.
#pragma once

#include "app/control.hpp"

#include <string>
#include <vector>

namespace tocsin::observe {

struct check {
  std::string name;
  std::string failure; // why; empty: the check holds
  [[nodiscard]] bool ok() const noexcept { return failure.empty(); }
};

struct verdict {
  std::vector<check> checks;
  [[nodiscard]] bool ok() const noexcept;
  // `ok`, or `not ok: <first failed check>`, with a line break.
  [[nodiscard]] std::string text() const;
  // A line for each check, `[+]name ok` or `[-]name failed: why`, and text() below.
  [[nodiscard]] std::string verbose() const;
};

[[nodiscard]] verdict livez(const app::relay_health&);
[[nodiscard]] verdict readyz(const app::relay_health&);
[[nodiscard]] verdict startupz(const app::relay_health&);

} // namespace tocsin::observe
