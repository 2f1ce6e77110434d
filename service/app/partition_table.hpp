// What the relay knows of each partition beside the engine: names, first position, committed offset. Relay thread.
#pragma once

#include "kafka/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::app {

struct partition_entry {
  std::string topic;
  std::size_t topic_index = 0; // in kafka.topics
  std::int32_t partition = 0;
  bool waits = false;                    // assigned, and nobody can say yet where it begins: it has no leader
  std::int64_t first_position = 0;       // of this assignment
  std::optional<std::int64_t> committed; // by the group, as far as this process knows
};

class partition_table {
public:
  partition_entry& at(kafka::slot_id slot) {
    if (slot >= entries_.size()) entries_.resize(slot + 1);
    return entries_[slot];
  }
  [[nodiscard]] const std::vector<partition_entry>& entries() const noexcept { return entries_; }

private:
  std::vector<partition_entry> entries_;
};

} // namespace tocsin::app
