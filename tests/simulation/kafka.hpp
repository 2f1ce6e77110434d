// The simulated Kafka: partitions of records whose offsets have gaps, and the committed offset with its metadata for each.
#pragma once

#include "options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tocsin::simulation {

inline constexpr std::uint32_t nothing = 0xffffffffU;

enum class record_kind : std::uint8_t { plain, refused, skipped, rejected };

struct record {
  std::int64_t offset = 0;
  std::uint32_t key = nothing; // nothing: ordered with nothing
  std::uint32_t bytes = 0;
  std::uint32_t previous = nothing; // index of the record before of the same key in the same partition
  std::uint32_t accepted_in = 0;    // the last tenure in which the endpoint took it or the dead-letter topic wrote it; 0: none
  record_kind kind = record_kind::plain;
  bool done = false; // settled, and the relay (or another member) knows; or an operator has gone past it
  bool gone = false; // compaction or retention has deleted it while nobody had it in progress
  bool seen = false; // a relay has taken it
  bool live = false; // in progress in the partition's present tenure
};

struct stored_offset {
  std::int64_t offset = 0;
  std::string metadata;
};

// Its present log is what lies from `base` on; before that lie the records of the logs that it has replaced.
struct partition {
  std::vector<record> log;
  std::uint32_t base = 0;
  std::int64_t first_offset = 0; // of the present log, records or none
  std::int64_t next_offset = 0;
  std::vector<std::uint32_t> last_of_key;
  std::optional<stored_offset> stored;

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(log.size()); }
  // Index of the first record of the present log at or after the offset.
  [[nodiscard]] std::uint32_t find(std::int64_t offset) const noexcept;
  void append(const options&, unsigned name, std::uint64_t chance);
};

} // namespace tocsin::simulation
