// The simulated Kafka: partitions of records whose offsets have gaps, and the committed offset with its metadata for each.
#pragma once

#include "claims.hpp"
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
  std::uint32_t taken = 0;          // when a relay last took it: a number that grows
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
  std::optional<std::int64_t> cut_at; // since it was written: what it says of offsets from there on, it says of other records
};

// How a cut has moved the records' indices.
struct rearrangement {
  std::uint32_t base = 0, at = 0, end = 0; // before: [base, at) has stayed, and lies last now; [at, end) is gone
  [[nodiscard]] std::uint32_t operator()(std::uint32_t index) const noexcept {
    if (index < base || index >= end) return index;
    return index < at ? index + (end - at) : index - (at - base);
  }
};

// Its present log is what lies from `base` on; before that lie the records of the logs that it has replaced, and those cut off.
struct partition {
  std::vector<record> log;
  std::uint32_t base = 0;
  std::int64_t first_offset = 0; // of the present log, records or none
  std::int64_t next_offset = 0;
  std::vector<std::uint32_t> last_of_key;
  std::optional<stored_offset> stored;
  // What a commit of before a cut makes its reader believe of records from `misled_from` on: nobody can know better.
  std::optional<claims> misled;
  std::int64_t misled_from = 0;

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(log.size()); }
  // Index of the first record of the present log at or after the offset.
  [[nodiscard]] std::uint32_t find(std::int64_t offset) const noexcept;
  void append(const options&, unsigned name, std::uint64_t chance);
  // The records from index `at` on are gone, and others will come from offset `to` on. What is committed stays.
  rearrangement cut(std::uint32_t at, std::int64_t to);
};

} // namespace tocsin::simulation
