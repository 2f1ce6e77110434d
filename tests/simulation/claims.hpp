// What a commit says is settled, read by a second, plain implementation of the format that delivery/ack_map.hpp describes, so
// that a fault in the first is seen. Throws std::runtime_error for a text that is no map of this offset.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tocsin::simulation {

struct claims {
  std::int64_t offset = 0;  // everything below is settled
  std::int64_t horizon = 0; // and everything below this, but for:
  struct run {
    std::int64_t first = 0, end = 0;
  };
  std::vector<run> unsettled;

  [[nodiscard]] bool settled(std::int64_t) const noexcept;
};

[[nodiscard]] claims read_claims(std::int64_t offset, std::string_view metadata);

} // namespace tocsin::simulation
