// What a run is made of, drawn from its seed: sizes, limits, and which kinds of trouble it has at all (swarm testing: Groce et
// al., ISSTA 2012; a run without rewinds reaches states that one with them seldom does).
#pragma once

#include "decision.hpp"
#include "delivery/engine.hpp"

namespace tocsin::simulation {

struct options {
  delivery::engine_settings engine;
  simulation::weights weights{};
  unsigned partitions = 1;
  unsigned keys = 1; // order keys; shared by the partitions or their own
  bool keys_shared = false;
  unsigned keyless = 0;          // of 16 records, how many are ordered with nothing
  unsigned refused = 0;          // of 64 records, how many the transformer refuses
  unsigned skipped = 0;          // of 64 records, how many a rule skips
  unsigned rejected = 0;         // of 64 records, how many the endpoint rejects
  std::uint32_t largest_gap = 1; // between two offsets; 1: none
  unsigned batch = 4;            // records produced or taken at once, at most
  unsigned largest_event = 100;  // bytes
  bool from_the_end = false;     // where nothing is committed, a partition begins at the end of its log
  bool wide = false;             // windows of thousands instead of a few
};

[[nodiscard]] options draw_options(std::uint64_t seed);

} // namespace tocsin::simulation
