#include "claims.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace tocsin::simulation {

namespace {

std::string bytes_of(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) throw std::runtime_error("an ack map with a character that is not base64url");
    held = held << 6U | static_cast<std::uint32_t>(digit);
    if (bits += 6; bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xffU);
  }
  return bytes;
}

std::int64_t number(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (bytes.empty() || shift > 63) throw std::runtime_error("an ack map that ends within a number");
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return static_cast<std::int64_t>(value);
  }
}

} // namespace

bool claims::settled(std::int64_t at) const noexcept {
  if (at >= horizon) return false;
  return std::none_of(unsettled.begin(), unsettled.end(), [at](const run& r) { return r.first <= at && at < r.end; });
}

claims read_claims(std::int64_t offset, std::string_view metadata) {
  claims read{offset, offset, {}};
  if (metadata.empty()) return read;
  if (metadata.size() > 4000) throw std::runtime_error("an ack map longer than 4,000 bytes");
  const auto start = "tocsin1:" + std::to_string(offset) + ":";
  if (!metadata.starts_with(start)) throw std::runtime_error("an ack map that is not of its offset");
  const auto all = bytes_of(metadata.substr(start.size()));
  if (all.size() < 4) throw std::runtime_error("an ack map without its checksum");
  std::string_view bytes = all;
  bytes.remove_prefix(4);
  read.horizon = offset + number(bytes);
  auto at = offset;
  for (auto pairs = number(bytes); pairs > 0; --pairs) {
    const auto unsettled = number(bytes);
    read.unsettled.push_back({at, at + unsettled});
    at += unsettled + number(bytes);
  }
  for (const char c : bytes)
    for (unsigned bit = 0; bit < 8; ++bit, ++at)
      if ((static_cast<unsigned char>(c) >> bit & 1U) != 0) read.unsettled.push_back({at, at + 1});
  return read;
}

} // namespace tocsin::simulation
