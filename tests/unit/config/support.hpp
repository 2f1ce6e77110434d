// A small configuration, and what loading variations of it says.
#pragma once

#include "config/load.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::config {

inline constexpr std::string_view minimal = R"(
kafka: {brokers: "kafka:9092", topics: [event], group: omp}
endpoint: {url: "https://omp.example/api/alerts"}
dead_letter: {topic: omp.dead-letter}
)";

// The minimal configuration with these sections, each on a line, in the place of its own or after it.
inline std::string with_sections(std::initializer_list<std::string_view> sections) {
  std::string text;
  for (std::string_view rest = minimal; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    const auto replaced = [&](std::string_view section) { return line.starts_with(section.substr(0, section.find(':') + 1)); };
    if (std::ranges::none_of(sections, replaced)) text += std::string(line) + "\n";
    rest.remove_prefix(end + 1);
  }
  for (const auto section : sections) text += std::string(section) + "\n";
  return text;
}

inline environment variables(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

inline loaded<settings> load_yaml(std::string_view text, const environment& env = variables({})) {
  return load_text(text, "/etc/tocsin", env);
}

// "path: message" of every fault; empty where the configuration is good.
inline std::vector<std::string> faults_of(std::string_view text, const environment& env = variables({})) {
  const auto result = load_yaml(text, env);
  std::vector<std::string> messages;
  if (result) return messages;
  for (const auto& error : result.error())
    messages.push_back(error.path.empty() ? error.message : error.path + ": " + error.message);
  return messages;
}

} // namespace tocsin::config
