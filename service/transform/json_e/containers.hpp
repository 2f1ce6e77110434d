#pragma once

#include "transform/json_e/arena.hpp"
#include "transform/json_e/value.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tocsin::json_e {

// Arrays and objects that an evaluation made. They and their members lie in an arena; nothing in them changes once it is made.
struct value_array {
  std::span<const value> items;
};

struct value_member {
  std::string_view name;
  value item;
};

struct value_dict {
  std::span<const value_member> items;  // in the order of first appearance
  std::span<const std::uint32_t> slots; // for many members: open addressing over positions + 1; size a power of two
  const value* find(std::string_view name) const noexcept;
};

// Collects the members of an object; the last one of a name stays, in the place of the first. Linear in what is put in.
class dict_builder {
public:
  // `capacity`: at most so many put() will come. Where the arena is at its limit, put() and build() say so by false and null.
  dict_builder(arena& memory, std::size_t capacity) noexcept;
  [[nodiscard]] bool put(std::string_view name, const value& item) noexcept;
  value* find(std::string_view name) noexcept;
  [[nodiscard]] const value_dict* build() noexcept;

private:
  std::uint32_t* slot_of(std::string_view name) noexcept;

  arena& memory_;
  value_member* items_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::span<std::uint32_t> slots_;
};

// Calls with the name and the value of each member of an object, wherever it lies.
template <class Visit>
void for_each_member(const value& object, Visit&& visit) {
  if (object.kind() == value::kind::object) {
    for (const value_member& each : object.as_object().items) visit(each.name, each.item);
  } else {
    for (const auto& each : object.as_json_object())
      visit(std::string_view(each.key().data(), each.key().size()), value::of(each.value()));
  }
}

} // namespace tocsin::json_e
