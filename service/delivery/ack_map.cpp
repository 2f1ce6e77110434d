#include "delivery/ack_map.hpp"

#include "delivery/mutation.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace tocsin::delivery {

namespace {

constexpr std::string_view prefix = "tocsin1:";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> reverse_alphabet = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t n = 0; n < alphabet.size(); ++n) table[static_cast<unsigned char>(alphabet[n])] = static_cast<std::int8_t>(n);
  return table;
}();

void append_varint(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) bytes.push_back(static_cast<std::uint8_t>(value | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

std::string to_base64(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  text.reserve(bytes.size() * 4 / 3 + 3);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8U) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += alphabet[(held >> (bits - 6)) & 63U];
  }
  if (bits > 0) text += alphabet[(held << (6 - bits)) & 63U];
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const auto c : text) {
    const auto digit = reverse_alphabet[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    held = (held << 6U) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(held >> bits));
    }
  }
  return bytes;
}

constexpr std::size_t checksum_size = 4;

std::array<std::uint8_t, checksum_size> checksum(std::span<const std::uint8_t> bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  std::array<std::uint8_t, checksum_size> little_endian{};
  for (std::size_t n = 0; n < checksum_size; ++n) little_endian[n] = static_cast<std::uint8_t>(crc.checksum() >> (8 * n));
  return little_endian;
}

class varint_reader {
public:
  explicit varint_reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::optional<std::int64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ < bytes_.size() && shift < 63; shift += 7) {
      const auto byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return static_cast<std::int64_t>(value);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::span<const std::uint8_t> rest() const { return bytes_.subspan(at_); }

private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

} // namespace

bool ack_map::settled(std::int64_t offset) const noexcept {
  if (offset < committed || offset >= horizon) return false;
  const auto after = std::upper_bound(unsettled.begin(), unsettled.end(), offset,
                                      [](std::int64_t value, const offset_run& run) { return value < run.end; });
  return after == unsettled.end() || offset < after->first;
}

namespace {

std::size_t varint_size(std::int64_t value) {
  std::size_t size = 1;
  for (auto rest = static_cast<std::uint64_t>(value); rest >= 0x80; rest >>= 7U) ++size;
  return size;
}

// How many runs to write as pairs so that pairs and bitmap together are shortest.
std::size_t best_split(const ack_map& map, std::span<const offset_run> runs) {
  const auto bitmap_size = [&](std::size_t from) {
    return from == runs.size() ? 0 : static_cast<std::uint64_t>(runs.back().end - runs[from].first + 7) / 8;
  };
  auto best = bitmap_size(0);
  std::size_t split = 0;
  std::uint64_t pairs = 0;
  for (std::size_t n = 0; n < runs.size(); ++n) {
    const auto settled_until = n + 1 < runs.size() ? runs[n + 1].first : map.horizon;
    pairs += varint_size(runs[n].end - runs[n].first) + varint_size(settled_until - runs[n].end);
    if (const auto size = pairs + bitmap_size(n + 1); size < best) {
      best = size;
      split = n + 1;
    }
  }
  return split;
}

} // namespace

std::optional<std::string> encode(const ack_map& map) {
  auto runs = std::span(map.unsettled);
  if (mutant(mutation::map_claims_unsettled) && runs.size() > 1) runs = runs.first(runs.size() - 1);
  const auto split = best_split(map, runs);
  std::vector<std::uint8_t> bytes(checksum_size);
  append_varint(bytes,
                static_cast<std::uint64_t>(map.horizon - map.committed) + (mutant(mutation::map_reaches_too_far) ? 1U : 0U));
  append_varint(bytes, split);
  for (std::size_t n = 0; n < split; ++n) {
    const auto settled_until = n + 1 < runs.size() ? runs[n + 1].first : map.horizon;
    append_varint(bytes, static_cast<std::uint64_t>(runs[n].end - runs[n].first));
    append_varint(bytes, static_cast<std::uint64_t>(settled_until - runs[n].end));
    if (bytes.size() > ack_map_limit) return std::nullopt;
  }
  if (split < runs.size()) {
    const auto start = runs[split].first;
    const auto bits = static_cast<std::uint64_t>(runs.back().end - start);
    if (bits / 8 > ack_map_limit) return std::nullopt;
    const auto base = bytes.size();
    bytes.resize(base + (bits + 7) / 8);
    for (const auto& run : runs.subspan(split))
      for (auto bit = static_cast<std::uint64_t>(run.first - start); bit < static_cast<std::uint64_t>(run.end - start); ++bit)
        bytes[base + bit / 8] = static_cast<std::uint8_t>(bytes[base + bit / 8] | (1U << (bit % 8)));
  }
  std::ranges::copy(checksum(std::span(bytes).subspan(checksum_size)), bytes.begin());
  std::string text(prefix);
  text += std::to_string(map.committed);
  text += ':';
  text += to_base64(bytes);
  if (text.size() > ack_map_limit) return std::nullopt;
  return text;
}

std::string encode_what_fits(ack_map& map) {
  for (;;) {
    if (auto text = encode(map)) return *text;
    const auto kept = map.unsettled.size() - map.unsettled.size() / 4 - 1;
    map.horizon = map.unsettled[kept].first;
    map.unsettled.resize(kept);
    if (kept == 0) return {};
  }
}

std::optional<ack_map> decode(std::string_view metadata, std::int64_t committed) {
  if (metadata.size() > ack_map_limit || !metadata.starts_with(prefix)) return std::nullopt;
  metadata.remove_prefix(prefix.size());
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(metadata.data(), metadata.data() + metadata.size(), offset);
  if (error != std::errc{} || end == metadata.data() + metadata.size() || *end != ':' || committed < 0) return std::nullopt;
  if (offset != committed && !mutant(mutation::map_not_tied_to_offset)) return std::nullopt;
  metadata.remove_prefix(static_cast<std::size_t>(end - metadata.data()) + 1);
  const auto bytes = from_base64(metadata);
  if (!bytes || bytes->size() < checksum_size) return std::nullopt;
  const auto content = std::span(*bytes).subspan(checksum_size);
  if (!std::ranges::equal(checksum(content), std::span(*bytes).first(checksum_size))) return std::nullopt;

  varint_reader reader(content);
  const auto span = reader.number();
  const auto pairs = span ? reader.number() : std::nullopt;
  if (!pairs || *span <= 0 || *span > std::numeric_limits<std::int64_t>::max() - committed) return std::nullopt;
  ack_map map{committed, committed + *span, {}};
  auto at = map.committed;
  const auto add = [&map](std::int64_t first, std::int64_t past) {
    if (!map.unsettled.empty() && map.unsettled.back().end == first) {
      map.unsettled.back().end = past;
    } else {
      map.unsettled.push_back({first, past});
    }
  };
  for (std::int64_t n = 0; n < *pairs; ++n) {
    const auto unsettled = reader.number();
    const auto settled = unsettled ? reader.number() : std::nullopt;
    if (!settled || *unsettled < 1 || *unsettled > map.horizon - at || *settled > map.horizon - at - *unsettled)
      return std::nullopt;
    add(at, at + *unsettled);
    at += *unsettled + *settled;
  }
  for (const auto byte : reader.rest()) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const bool unsettled = (byte >> bit & 1U) != 0;
      if (at == map.horizon) {
        if (unsettled) return std::nullopt;
        continue;
      }
      if (unsettled) add(at, at + 1);
      ++at;
    }
  }
  // The committed offset is what holds the commit back: a map that calls it settled was not written by us.
  if (map.unsettled.empty() || map.unsettled.front().first != committed) return std::nullopt;
  return map;
}

} // namespace tocsin::delivery
