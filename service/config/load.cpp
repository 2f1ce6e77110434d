#include "config/load.hpp"

#include "config/members.hpp"
#include "config/rules.hpp"
#include "config/schema_check.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace tocsin::config {
namespace {

namespace json = boost::json;

boost::system::result<std::string, config_errors> read_file(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    return config_errors{{"", "", "is a folder; name the configuration file in it", 0}};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream) {
    return config_errors{{"", "",
                          fmt::format("cannot be read: {}; name a file that this user may read",
                                      errno != 0 ? std::strerror(errno) : "input error"),
                          0}};
  }
  return std::move(text).str();
}

reading<settings> settings_of(document doc, const std::filesystem::path& folder) {
  reading<settings> result{.errors = doc.errors};
  const place root(doc, result.errors, folder);
  if (root.usable())
    if (auto read = group_kind<settings>{settings_members}.read(doc.root, root)) {
      result.values = *std::move(read);
      check_rules(result.values, root);
      check_against_schema(doc.root, root);
    }
  sort_faults(result.errors);
  result.lines = std::move(doc.lines);
  return result;
}

reading<event_settings> event_of(document doc, const std::filesystem::path& folder) {
  reading<event_settings> result;
  for (const auto& error : doc.errors)
    if (error.path.empty() || error.path == "event" || error.path.starts_with("event.")) result.errors.push_back(error);
  const place root(doc, result.errors, folder);
  if (doc.root.is_object()) {
    const auto at = root.member("event");
    const auto* const event = doc.root.get_object().if_contains("event");
    if (event != nullptr && at.usable())
      if (auto read = group_kind<event_settings>{event_members}.read(*event, at)) {
        result.values = *std::move(read);
        check_event(result.values, at);
      }
  } else if (!doc.root.is_null()) {
    root.refuse(doc.root, "stands where a mapping is wanted; write kafka:, event:, endpoint: and so on, a line each");
  }
  sort_faults(result.errors);
  result.lines = std::move(doc.lines);
  return result;
}

loaded<settings> whole(reading<settings> read) {
  if (!read.errors.empty()) return std::move(read.errors);
  return std::move(read.values);
}

} // namespace

reading<settings> read_text(std::string_view text, const std::filesystem::path& folder, const environment& variables) {
  return settings_of(parse_document(text, variables), folder);
}

reading<settings> read(const std::filesystem::path& file, const environment& variables) {
  auto text = read_file(file);
  if (!text) return {.errors = std::move(text).error()};
  return read_text(*text, file.parent_path(), variables);
}

reading<event_settings> read_event(const std::filesystem::path& file, const environment& variables) {
  auto text = read_file(file);
  if (!text) return {.errors = std::move(text).error()};
  return event_of(parse_document(*text, variables), file.parent_path());
}

loaded<settings> load(const std::filesystem::path& file, const environment& variables) { return whole(read(file, variables)); }

loaded<settings> load_text(std::string_view text, const std::filesystem::path& folder, const environment& variables) {
  return whole(read_text(text, folder, variables));
}

} // namespace tocsin::config
