// What members must be to each other. A rule is asked only where all members that it is about are right by themselves, so that
// nothing is told which only follows from another fault.
#pragma once

#include "config/place.hpp"
#include "config/settings.hpp"

namespace tocsin::config {

// Tells every combination that would not work, each at the member that is to be changed. `root` is the place of the whole.
void check_rules(const settings& settings, const place& root);

// Those among the members of `event` alone; `at` is its place.
void check_event(const event_settings& event, const place& at);

} // namespace tocsin::config
