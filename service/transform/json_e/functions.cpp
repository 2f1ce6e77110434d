#include "transform/json_e/functions.hpp"

#include <array>
#include <unordered_map>

namespace tocsin::json_e {
namespace {

std::array<std::span<const function>, 5> tables() noexcept {
  return {built_ins(), text_functions(), time_functions(), encoding_functions(), json_functions()};
}

} // namespace

const function* find_function(std::string_view name) noexcept {
  static const auto known = [] {
    std::unordered_map<std::string_view, const function*> by_name;
    for (const auto table : tables())
      for (const function& each : table) by_name.emplace(each.name, &each);
    return by_name;
  }();
  const auto found = known.find(name);
  return found != known.end() ? found->second : nullptr;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const auto table : tables())
    for (const function& each : table) names.push_back(each.name);
  return names;
}

} // namespace tocsin::json_e
