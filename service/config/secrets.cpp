#include "config/secrets.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

namespace tocsin::config {
namespace {

constexpr std::size_t largest = 64 * 1024;

// None, and `why` set, where it cannot be used.
std::optional<std::string> read_secret(const std::filesystem::path& file, std::string& why) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    why = "is a folder; name a file";
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    why = fmt::format("cannot be read: {}; a path is relative to the configuration file", std::strerror(errno));
    return std::nullopt;
  }
  std::string text(largest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest) why = "is larger than 64 KiB; a secret is smaller";
  text.resize(text.find_last_not_of(" \t\r\n") + 1);
  if (why.empty() && text.empty()) why = "is empty; write the secret into it";
  if (why.empty() && text.find('\0') != std::string::npos) why = "holds a NUL byte; a secret is text";
  return why.empty() ? std::optional(std::move(text)) : std::nullopt;
}

// The secret in `file`, or a fault at `path`.
std::optional<std::string> read_or_note(const std::string& path, const std::filesystem::path& file, config_errors& errors) {
  std::string why;
  auto text = read_secret(file, why);
  if (!text) {
    const auto shown = boost::json::serialize(boost::json::string(file.string()));
    errors.push_back({path + ".file", shown, fmt::format("{} {}", shown, why), 0});
  }
  return text;
}

} // namespace

loaded<kafka_settings> with_secrets(const kafka_settings& settings) {
  auto result = settings;
  config_errors errors;
  for (const auto& [name, secret] : settings.secret_properties)
    if (auto text = read_or_note("kafka.properties." + name, secret.file, errors))
      result.properties.emplace_back(name, *std::move(text));
  result.secret_properties.clear();
  if (!errors.empty()) return errors;
  return result;
}

config_errors check_token(const admin_settings& settings) {
  config_errors errors;
  if (!settings.token.file.empty()) static_cast<void>(read_or_note("admin.token", settings.token.file, errors));
  return errors;
}

} // namespace tocsin::config
