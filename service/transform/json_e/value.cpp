#include "transform/json_e/value.hpp"

#include "transform/json_e/containers.hpp"

#include <limits>

namespace tocsin::json_e {

static_assert(sizeof(value) == 16 && std::is_trivially_copyable_v<value>, "a value is passed in two registers");

value value::of(bool flag) noexcept {
  value made(kind::boolean);
  made.flag_ = flag;
  return made;
}

value value::of(std::int64_t number) noexcept {
  value made(kind::int64);
  made.integer_ = number;
  return made;
}

value value::of(std::uint64_t number) noexcept {
  const bool fits = number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  value made(fits ? kind::int64 : kind::uint64);
  made.natural_ = number;
  return made;
}

value value::of(double number) noexcept {
  value made(number == number ? kind::real : kind::marked);
  made.real_ = number;
  return made;
}

value value::of(std::string_view text) noexcept {
  value made(kind::string);
  made.text_ = text.data();
  made.size_ = static_cast<std::uint32_t>(text.size());
  return made;
}

value value::of(const boost::json::value& json) noexcept {
  switch (json.kind()) {
  case boost::json::kind::null: return null();
  case boost::json::kind::bool_: return of(json.get_bool());
  case boost::json::kind::int64: return of(json.get_int64());
  case boost::json::kind::uint64: return of(json.get_uint64());
  case boost::json::kind::double_: return of(json.get_double());
  case boost::json::kind::string: return of(std::string_view(json.get_string().data(), json.get_string().size()));
  case boost::json::kind::object: return of(json.get_object());
  case boost::json::kind::array: break;
  }
  value made(kind::json_array);
  made.array_ = &json.get_array();
  return made;
}

value value::of(const boost::json::object& json) noexcept {
  value made(kind::json_object);
  made.object_ = &json;
  return made;
}

value value::of(const value_array& items) noexcept {
  value made(kind::array);
  made.items_ = &items;
  return made;
}

value value::of(const value_dict& members) noexcept {
  value made(kind::object);
  made.members_ = &members;
  return made;
}

value value::of(const struct function& callee) noexcept {
  value made(kind::function);
  made.function_ = &callee;
  return made;
}

std::size_t value::size() const noexcept {
  switch (kind_) {
  case kind::array: return items_->items.size();
  case kind::json_array: return array_->size();
  case kind::object: return members_->items.size();
  case kind::json_object: return object_->size();
  default: return 0;
  }
}

value value::element(std::size_t index) const noexcept {
  return kind_ == kind::array ? items_->items[index] : of((*array_)[index]);
}

value value::member(std::string_view name) const noexcept {
  if (kind_ == kind::json_object) {
    const boost::json::value* found = object_->if_contains(name);
    return found != nullptr ? of(*found) : none();
  }
  const value* found = members_->find(name);
  return found != nullptr ? *found : none();
}

bool value::truthy() const noexcept {
  switch (kind_) {
  case kind::absent:
  case kind::null:
  case kind::failed: return false;
  case kind::boolean: return flag_;
  case kind::int64: return integer_ != 0;
  case kind::real: return real_ != 0;
  case kind::string: return size_ != 0;
  case kind::uint64:
  case kind::marked:
  case kind::function: return true;
  case kind::json_array:
  case kind::json_object:
  case kind::array:
  case kind::object: return size() != 0;
  }
  return false;
}

} // namespace tocsin::json_e
