// What is settled above a committed offset, written into the commit's metadata, so that a restart sends only what was truly
// unsettled. Pure.
//
// Text: "tocsin1:<committed offset>:<base64url, no padding>". The bytes: the CRC-32 of all that follow, least significant byte
// first; LEB128 varints `horizon - committed` and `k`; then k pairs of varints, the length of an unsettled run and of the settled
// run after it, the first beginning at the committed offset; then a bitmap of the offsets that follow, least significant bit
// first, 1 for unsettled; what it does not reach is settled up to the horizon. (A few slow keys far behind are pairs, the crowded
// front is bits: `k` is chosen for the shortest text.) A reader that does not know the version, finds another offset than the one
// that it stands beside, or a text that was cut or altered, ignores the map: events are then sent again, never lost. Bound: 4,000
// bytes, below the broker's offset.metadata.max.bytes of 4,096.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::delivery {

inline constexpr std::size_t ack_map_limit = 4000;

struct offset_run {
  std::int64_t first = 0;
  std::int64_t end = 0; // one past the last
  friend bool operator==(const offset_run&, const offset_run&) = default;
};

// Above `committed`, everything below `horizon` is settled but for the runs in `unsettled` (ascending, apart, not empty).
struct ack_map {
  std::int64_t committed = 0;
  std::int64_t horizon = 0;
  std::vector<offset_run> unsettled;

  [[nodiscard]] bool settled(std::int64_t offset) const noexcept;
};

// The map as text, or nothing where that would be too long. `committed` is the first offset of the first run; there is one.
[[nodiscard]] std::optional<std::string> encode(const ack_map&);

// The same with the horizon of the map drawn in until the text is short enough: what is settled beyond is not said.
[[nodiscard]] std::string encode_what_fits(ack_map&);

// The map in a commit's metadata, or nothing where there is none that may be believed beside `committed`.
[[nodiscard]] std::optional<ack_map> decode(std::string_view metadata, std::int64_t committed);

} // namespace tocsin::delivery
