#include "config/load.hpp"

#include "config/members.hpp"
#include "config/rules.hpp"
#include "config/schema_check.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <tuple>

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

void sort_by_line(config_errors& errors) {
  std::ranges::sort(errors, {}, [](const config_error& e) { return std::tie(e.line, e.path, e.message); });
}

loaded<settings> settings_of(const document& doc, const std::filesystem::path& folder) {
  auto errors = doc.errors;
  const place root(doc, errors, folder);
  if (root.usable()) {
    auto read = group_kind<settings>{settings_members}.read(doc.root, root);
    if (read && errors.empty()) check_rules(*read, root);
    if (read && errors.empty()) check_against_schema(doc.root, root);
    if (read && errors.empty()) return *std::move(read);
  }
  sort_by_line(errors);
  return errors;
}

loaded<event_settings> event_of(const document& doc, const std::filesystem::path& folder) {
  config_errors errors;
  for (const auto& error : doc.errors)
    if (error.path.empty() || error.path == "event" || error.path.starts_with("event.")) errors.push_back(error);
  const place root(doc, errors, folder);
  event_settings result;
  if (doc.root.is_object()) {
    const auto at = root.member("event");
    const auto* const event = doc.root.get_object().if_contains("event");
    if (event != nullptr && at.usable())
      if (auto read = group_kind<event_settings>{event_members}.read(*event, at)) result = *std::move(read);
  } else if (!doc.root.is_null()) {
    root.refuse(doc.root, "stands where a mapping is wanted; write kafka:, event:, endpoint: and so on, a line each");
  }
  if (errors.empty()) return result;
  sort_by_line(errors);
  return errors;
}

} // namespace

loaded<settings> load_text(std::string_view text, const std::filesystem::path& folder, const environment& variables) {
  return settings_of(parse_document(text, variables), folder);
}

loaded<settings> load(const std::filesystem::path& file, const environment& variables) {
  const auto text = read_file(file);
  if (!text) return text.error();
  return load_text(*text, file.parent_path(), variables);
}

loaded<event_settings> load_event_settings(const std::filesystem::path& file, const environment& variables) {
  const auto text = read_file(file);
  if (!text) return text.error();
  return event_of(parse_document(*text, variables), file.parent_path());
}

} // namespace tocsin::config
