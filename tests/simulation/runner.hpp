// Runs seeds, and makes a failing one as short as it can. A replay runs in a child process, because a failed assertion of the
// engine, a crash and an endless loop are findings like any other.
#pragma once

#include "decision.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::simulation {

inline constexpr std::uint64_t default_steps_per_seed = 2000;

struct progress { // shared with the parent process
  std::uint64_t seed = 0, seeds = 0, steps = 0, step_of_seed = 0;
};

struct finding {
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;        // in all, until it showed
  std::uint64_t step_of_seed = 0; // it showed in this step of its seed; beyond the last one: while everything had to be settled
  std::string what;
};

struct campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = ~0ULL; // stops after so many seeds…
  std::uint64_t steps = ~0ULL; // …or so many steps, whichever is first
  std::uint64_t steps_per_seed = default_steps_per_seed;
};

// Runs the campaign in a child process until something is found or it is over.
[[nodiscard]] std::optional<finding> run(const campaign&, progress& done);

// All decisions of a seed.
[[nodiscard]] std::vector<decision> decisions_of(std::uint64_t seed, std::uint64_t count);

// What is left of a seed's decisions when those that the failure does not need are taken out.
[[nodiscard]] std::vector<decision> shorten(const finding&, std::uint64_t steps_per_seed);

// Runs these decisions under the seed's options and tells every event of it, on stdout.
void retell(std::uint64_t seed, const std::vector<decision>&);

} // namespace tocsin::simulation
