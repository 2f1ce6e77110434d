#include "transform/tables.hpp"

#include "transform/json_file.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace tocsin::transform {
namespace {

namespace json = boost::json;

constexpr std::size_t depth = 64; // of arrays and objects in a table

std::string_view name_of(const json::value& value) noexcept {
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_number()) return "a number";
  return value.is_null() ? "null" : "a boolean";
}

} // namespace

json::value read_tables(const std::vector<config::lookup_table>& tables, const std::filesystem::path& folder, problems& found) {
  const auto storage = json::make_shared_resource<json::monotonic_resource>();
  json::object all(storage);
  for (const auto& [name, file] : tables) {
    if (file.empty()) continue; // which the configuration tells
    const auto path = folder / file;
    const auto refuse = [&](std::string why) {
      found.push_back({fmt::format("event.tables.{}.file", name), path.string(), "", std::move(why)});
    };
    auto table = read_json_file(path, storage, depth);
    if (!table)
      refuse(std::move(table).error().why);
    else if (!table->is_object())
      refuse(fmt::format("holds {}; a table is a JSON object: {{\"key\": value, ...}}", name_of(*table)));
    else
      all.emplace(name, std::move(*table));
  }
  return json::value(std::move(all));
}

} // namespace tocsin::transform
