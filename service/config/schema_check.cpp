#include "config/schema_check.hpp"

#include "config/place.hpp"
#include "transform/schema.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace tocsin::config {
namespace {

const schema::schema& compiled() {
  static const auto result = schema::compile(boost::json::parse(schema_text()));
  return result.value();
}

// "/endpoint/responses/0/then" -> the place endpoint.responses[0].then
place place_of(std::string_view pointer, const boost::json::value* value, place at) {
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    std::string name;
    for (std::size_t i = 0; i < end; ++i) {
      const bool escape = pointer[i] == '~' && i + 1 < end;
      name += escape ? (pointer[i + 1] == '1' ? '/' : '~') : pointer[i];
      if (escape) ++i;
    }
    pointer.remove_prefix(end);
    if (value != nullptr && value->is_array()) {
      const auto index = static_cast<std::size_t>(std::stoull(name));
      at = at.element(index);
      value = value->get_array().if_contains(index);
    } else {
      at = at.member(name);
      value = value != nullptr && value->is_object() ? value->get_object().if_contains(name) : nullptr;
    }
  }
  return at;
}

} // namespace

void check_against_schema(const boost::json::value& root, const place& at) {
  if (root.is_null()) return;
  std::vector<std::pair<place, std::string>> found;
  compiled().check_all(root, [&](const schema::violation& fault) {
    const auto here = place_of(fault.instance, &root, at);
    if (here.sound()) found.emplace_back(here, fmt::format("{} (config.schema.json{})", fault.message, fault.pointer));
  });
  for (const auto& [here, message] : found) here.refuse(message);
}

} // namespace tocsin::config
