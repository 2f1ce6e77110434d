// What members must be to each other.
#pragma once

#include "config/place.hpp"
#include "config/settings.hpp"

namespace tocsin::config {

// Tells every combination that would not work, each at the member that is to be changed. `root` is the place of the whole.
void check_rules(const settings& settings, const place& root);

} // namespace tocsin::config
