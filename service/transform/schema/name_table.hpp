// A set of names, each with its number in order of insertion. Built once, then looked up by every member of every event, most of
// which are not in it: their length alone usually says so.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::schema::detail {

class name_table {
public:
  static constexpr std::uint32_t absent = ~std::uint32_t{0};

  // The number of `name`, which is added where it is new.
  std::uint32_t insert(std::string_view name);

  [[nodiscard]] std::uint32_t find(std::string_view name) const noexcept {
    if (!(lengths_ >> (name.size() & 63U) & 1U)) return absent;
    for (std::size_t slot = hash(name) & mask_;; slot = (slot + 1) & mask_) {
      const std::uint32_t number = slots_[slot];
      if (number == absent) return absent;
      const std::string& there = names_[number];
      if (there.size() == name.size() && std::memcmp(there.data(), name.data(), name.size()) == 0) return number;
    }
  }

  [[nodiscard]] const std::string& operator[](std::uint32_t number) const noexcept { return names_[number]; }
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(names_.size()); }

private:
  static std::uint64_t hash(std::string_view name) noexcept {
    std::uint64_t head = 0, tail = 0;
    if (name.size() >= 8) {
      std::memcpy(&head, name.data(), 8);
      std::memcpy(&tail, name.data() + name.size() - 8, 8);
    } else if (!name.empty()) {
      for (const char c : name) head = head << 8U | static_cast<unsigned char>(c);
    }
    const std::uint64_t mixed = (head ^ (tail + name.size()) * 0x9e3779b97f4a7c15U) * 0xff51afd7ed558ccdU;
    return mixed ^ mixed >> 32U;
  }

  void grow();

  std::uint64_t lengths_ = 0; // bit n: a name of length n modulo 64 is there
  std::size_t mask_ = 0;
  std::vector<std::uint32_t> slots_{absent};
  std::vector<std::string> names_;
};

} // namespace tocsin::schema::detail
