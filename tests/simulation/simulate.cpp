// simulate [--seeds N] [--steps N] [--seed S] [--known FILE] [--mutation NAME|all] [--tell]
// Runs the delivery engine in a simulated world. Without --seed, seeds are fresh ones, and the first is printed. Ends with 1 and
// the shortest trace found where a promise is broken; with --mutation, with 1 where a seeded bug is not caught.
#include "mutations.hpp"
#include "runner.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <random>

namespace {

using namespace tocsin::simulation;

void report(const finding& found, std::uint64_t steps_per_seed) {
  fmt::print("seed {} breaks a promise in step {}: {}\nthe shortest trace found:\n", found.seed, found.step_of_seed, found.what);
  std::fflush(stdout);
  retell(found.seed, shorten(found, steps_per_seed));
  fmt::print("again: simulate --seed {}\n", found.seed);
}

bool run_known(const std::string& file, std::uint64_t steps_per_seed) {
  std::ifstream lines(file);
  if (!lines) {
    fmt::print(stderr, "{}: cannot be read\n", file);
    return false;
  }
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    progress done;
    const auto found = run({std::stoull(line), 1, ~0ULL, steps_per_seed}, done);
    if (found) {
      report(*found, steps_per_seed);
      return false;
    }
    ++count;
  }
  fmt::print("{} known seeds keep every promise\n", count);
  return true;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs the delivery engine in a simulated Kafka, endpoint and clock, and checks every promise after every step.");
  campaign plan;
  std::optional<std::uint64_t> seed;
  std::string known, mutation;
  bool tell = false;
  app.add_option("--seeds", plan.seeds, "how many seeds");
  app.add_option("--steps", plan.steps, "how many steps in all");
  app.add_option("--steps-per-seed", plan.steps_per_seed, "how many steps each seed takes");
  app.add_option("--seed", seed, "the first seed; alone: this one only");
  app.add_option("--known", known, "run the seeds of this file first");
  app.add_option("--mutation", mutation, "switch on this seeded bug, or all one after the other: it must be caught");
  app.add_flag("--tell", tell, "tell what happens under --seed");
  CLI11_PARSE(app, argc, argv);

  if (!mutation.empty()) return catch_mutations(argv[0], mutation, plan, seed.value_or(1));
  if (tell && seed) {
    retell(*seed, decisions_of(*seed, plan.steps_per_seed));
    return 0;
  }
  if (!known.empty() && !run_known(known, plan.steps_per_seed)) return 1;
  if (seed && plan.seeds == ~0ULL && plan.steps == ~0ULL) plan.seeds = 1;
  if (plan.seeds == ~0ULL && plan.steps == ~0ULL) plan.steps = 1000000;
  plan.first_seed = seed ? *seed : std::random_device()() * 1000ULL;
  fmt::print("from seed {} on\n", plan.first_seed);
  std::fflush(stdout);

  const auto began = std::chrono::steady_clock::now();
  progress done;
  if (const auto found = run(plan, done)) {
    report(*found, plan.steps_per_seed);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} steps of {} seeds keep every promise ({:.0f} steps a second)\n", done.steps, done.seeds,
             static_cast<double>(done.steps) / took.count());
  return 0;
}
