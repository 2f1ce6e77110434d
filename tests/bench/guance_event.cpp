#include "bench/guance_event.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>

namespace tocsin::bench {

namespace json = boost::json;

const std::filesystem::path& guance() {
  static const std::filesystem::path folder = std::filesystem::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas/guance";
  return folder;
}

const std::string& event() {
  static const std::string text = [] {
    std::ifstream file(guance() / "examples/disk.json");
    json::value v = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
    for (const char* name : {"df_event_link", "df_site_name", "df_workspace_uuid", "workspace_name", "workspace_uuid"})
      v.as_object().erase(name);
    return json::serialize(v);
  }();
  return text;
}

} // namespace tocsin::bench
