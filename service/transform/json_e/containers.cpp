#include "transform/json_e/containers.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <random>

namespace tocsin::json_e {
namespace {

constexpr std::size_t few = 12; // so many members are found faster one after the other

__extension__ using wide = unsigned __int128;

struct secrets {
  std::uint64_t seed, factor;
  secrets() {
    std::random_device device;
    const auto word = [&device] { return static_cast<std::uint64_t>(device()) << 32 | device(); };
    seed = word();
    factor = word() | 1U;
  }
};

// Keyed, so that nobody can send names that all fall into one slot. (Folded multiplication, as in wyhash.)
std::size_t hash_of(std::string_view name) noexcept {
  static const secrets key;
  std::uint64_t hash = key.seed ^ name.size();
  const auto mix = [&hash](std::uint64_t word) {
    const wide product = wide{hash ^ word} * key.factor;
    hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= name.size(); at += sizeof word) {
    std::memcpy(&word, name.data() + at, sizeof word);
    mix(word);
  }
  std::uint64_t rest = 0;
  if (at < name.size()) std::memcpy(&rest, name.data() + at, name.size() - at);
  mix(rest);
  return hash;
}

} // namespace

const value* value_dict::find(std::string_view name) const noexcept {
  if (slots.empty()) {
    for (const value_member& member : items)
      if (member.name == name) return &member.item;
    return nullptr;
  }
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = hash_of(name) & mask; slots[at] != 0; at = (at + 1) & mask)
    if (items[slots[at] - 1].name == name) return &items[slots[at] - 1].item;
  return nullptr;
}

dict_builder::dict_builder(arena& memory, std::size_t capacity) noexcept
    : memory_(memory), items_(memory.try_allocate_array<value_member>(capacity)), capacity_(items_ != nullptr ? capacity : 0) {
  if (capacity_ <= few) return;
  const std::size_t count = std::bit_ceil(capacity_ * 2);
  auto* slots = memory.try_allocate_array<std::uint32_t>(count);
  if (slots == nullptr) {
    capacity_ = 0;
    return;
  }
  std::fill_n(slots, count, 0U);
  slots_ = {slots, count};
}

std::uint32_t* dict_builder::slot_of(std::string_view name) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(name) & mask;
  while (slots_[at] != 0 && items_[slots_[at] - 1].name != name) at = (at + 1) & mask;
  return &slots_[at];
}

value* dict_builder::find(std::string_view name) noexcept {
  if (!slots_.empty()) {
    const std::uint32_t slot = *slot_of(name);
    return slot != 0 ? &items_[slot - 1].item : nullptr;
  }
  for (std::size_t at = 0; at < size_; ++at)
    if (items_[at].name == name) return &items_[at].item;
  return nullptr;
}

bool dict_builder::put(std::string_view name, const value& item) noexcept {
  if (value* known = find(name)) {
    *known = item;
    return true;
  }
  if (size_ == capacity_) return false;
  if (!slots_.empty()) *slot_of(name) = static_cast<std::uint32_t>(size_ + 1);
  new (items_ + size_) value_member{name, item};
  ++size_;
  return true;
}

const value_dict* dict_builder::build() noexcept {
  void* place = memory_.try_allocate(sizeof(value_dict), alignof(value_dict));
  return place != nullptr ? new (place) value_dict{{items_, size_}, slots_} : nullptr;
}

} // namespace tocsin::json_e
