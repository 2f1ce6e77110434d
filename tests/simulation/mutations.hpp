// The seeded bugs of delivery/mutation.hpp by name.
#pragma once

#include "runner.hpp"

#include <string>

namespace tocsin::simulation {

// Switches the named bug on (or each, for "all"), and prints in which step the simulation catches it. 0: all were caught. Where
// this program is built without the bugs, the one beside it that is built with them runs instead.
int catch_mutations(const char* program, const std::string& name, const campaign&, std::uint64_t first_seed);

} // namespace tocsin::simulation
