#include "mutations.hpp"

#include "delivery/mutation.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <unistd.h>

namespace tocsin::simulation {

#ifdef TOCSIN_MUTATIONS

namespace {

struct seeded_bug {
  delivery::mutation which;
  std::string_view name, says;
};

constexpr seeded_bug all_bugs[] = {
#define TOCSIN_BUG(name, says) {delivery::mutation::name, #name, says},
    TOCSIN_MUTATION_LIST(TOCSIN_BUG)
#undef TOCSIN_BUG
};

bool caught(const seeded_bug& bug, const campaign& plan, std::uint64_t first_seed) {
  delivery::active_mutation = bug.which;
  auto own = plan;
  own.first_seed = first_seed;
  if (own.seeds == ~0ULL && own.steps == ~0ULL) own.steps = 60'000'000; // the rarest shows in one seed of several thousand
  progress done;
  const auto found = run(own, done);
  if (found) {
    fmt::print("{:<34} seed {:>5}, step {:>8}: {}\n", bug.name, found->seed, found->steps, found->what);
  } else {
    fmt::print("{:<34} NOT CAUGHT in {} steps\n", bug.name, done.steps);
  }
  std::fflush(stdout);
  return found.has_value();
}
} // namespace

int catch_mutations(const char*, const std::string& name, const campaign& plan, std::uint64_t first_seed) {
  int count = 0, missed = 0;
  for (const auto& bug : all_bugs) {
    if (name != "all" && name != bug.name) continue;
    ++count;
    if (!caught(bug, plan, first_seed)) ++missed;
  }
  if (count == 0) {
    fmt::print(stderr, "--mutation: \"{}\" is no seeded bug; delivery/mutation.hpp lists them, \"all\" means each\n", name);
    return 64;
  }
  fmt::print("{} of {} seeded bugs caught\n", count - missed, count);
  return missed == 0 ? 0 : 1;
}

#else

int catch_mutations(const char* program, const std::string& name, const campaign& plan, std::uint64_t first_seed) {
  const auto other = std::filesystem::path(program).parent_path() / "simulate_mutants";
  const auto seed = std::to_string(first_seed), steps = std::to_string(plan.steps), seeds = std::to_string(plan.seeds);
  execl(other.c_str(), other.c_str(), "--mutation", name.c_str(), "--seed", seed.c_str(), "--steps", steps.c_str(), "--seeds",
        seeds.c_str(), static_cast<char*>(nullptr));
  fmt::print(stderr, "{}: cannot be run\n", other.string());
  return 1;
}

#endif

} // namespace tocsin::simulation
