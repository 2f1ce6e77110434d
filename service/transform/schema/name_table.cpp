#include "transform/schema/name_table.hpp"

namespace tocsin::schema::detail {

std::uint32_t name_table::insert(std::string_view name) {
  if (const std::uint32_t there = find(name); there != absent) return there;
  names_.emplace_back(name);
  lengths_ |= std::uint64_t{1} << (name.size() & 63U);
  grow();
  return size() - 1;
}

// At most a quarter full: a probe seldom goes on.
void name_table::grow() {
  std::size_t capacity = 4;
  while (capacity < names_.size() * 4) capacity *= 2;
  mask_ = capacity - 1;
  slots_.assign(capacity, absent);
  for (std::uint32_t number = 0; number < size(); ++number) {
    std::size_t slot = hash(names_[number]) & mask_;
    while (slots_[slot] != absent) slot = (slot + 1) & mask_;
    slots_[slot] = number;
  }
}

} // namespace tocsin::schema::detail
