#include "transform/json_e/program.hpp"

#include "transform/json_e/containers.hpp"
#include "transform/json_e/json_reader.hpp"

#include <cstring>
#include <new>

namespace tocsin::json_e {

std::string_view program::keep(std::string_view text) {
  if (text.empty()) return {};
  char* place = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

value program::keep(const value& item) {
  switch (item.kind()) {
  case value::kind::string: return value::of(keep(item.as_string()));
  case value::kind::marked: {
    // The mark holds an address: made again, by the one place that knows how, for a text that stays.
    json_reader reader;
    value kept = value::of(reader.read(marked_text(item.as_real()), boost::json::storage_ptr(&memory))->as_double());
    kept.set_verbatim();
    return kept;
  }
  case value::kind::array:
  case value::kind::json_array: {
    std::vector<value> items;
    items.reserve(item.size());
    for (std::size_t at = 0; at < item.size(); ++at) items.push_back(keep(item.element(at)));
    auto* made = make<value_array>();
    made->items = make_array(items);
    return value::of(*made);
  }
  case value::kind::object:
  case value::kind::json_object: {
    dict_builder builder(memory, item.size());
    const auto put = [&](std::string_view name, const value& member) {
      if (!builder.put(keep(name), keep(member))) throw std::bad_alloc();
    };
    if (item.kind() == value::kind::object) {
      for (const value_member& each : item.as_object().items) put(each.name, each.item);
    } else {
      for (const auto& each : item.as_json_object()) put({each.key().data(), each.key().size()}, value::of(each.value()));
    }
    const value_dict* made = builder.build();
    if (made == nullptr) throw std::bad_alloc();
    return value::of(*made);
  }
  default: return item;
  }
}

} // namespace tocsin::json_e
