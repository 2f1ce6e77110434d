#include "cli/file_changes.hpp"

#include <system_error>

namespace tocsin::cli {

file_changes::file_changes(std::vector<std::filesystem::path> files) : files_(std::move(files)) {
  for (const auto& file : files_) then_.push_back(state_of(file));
}

bool file_changes::any() const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (state_of(files_[i]) != then_[i]) return true;
  }
  return false;
}

file_changes::state file_changes::state_of(const std::filesystem::path& file) {
  std::error_code error;
  state result;
  const auto time = std::filesystem::last_write_time(file, error);
  if (error) return {};
  result.time = time;
  result.size = std::filesystem::file_size(file, error);
  return result;
}

} // namespace tocsin::cli
