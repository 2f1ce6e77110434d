// A small configuration, and what loading variations of it says.
#pragma once

#include "config/load.hpp"

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
