// Whether files have changed since a moment, by their times and sizes; a file that appears or vanishes has changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace tocsin::cli {

class file_changes {
public:
  // From now on.
  explicit file_changes(std::vector<std::filesystem::path> files);

  [[nodiscard]] bool any() const;

private:
  struct state {
    std::optional<std::filesystem::file_time_type> time; // none: there is no such file
    std::uintmax_t size = 0;
    friend bool operator==(const state&, const state&) = default;
  };
  static state state_of(const std::filesystem::path&);

  std::vector<std::filesystem::path> files_;
  std::vector<state> then_;
};

} // namespace tocsin::cli
