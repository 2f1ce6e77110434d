// A secret in a file, read again when the file changes. The relay thread reads it: the file is small and local.
#pragma once

#include "push/fault.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/stat.h>

namespace tocsin::push {

class secret {
public:
  using clock = std::chrono::steady_clock;

  // `name` is how messages call it, e.g. "endpoint.auth.bearer.file". The message never holds a character of the secret.
  secret(std::string name, std::filesystem::path file) : name_(std::move(name)), file_(std::move(file)) {}

  enum class change { none, changed };

  // Looks at the file at most every 2 s and reads it when its time, size or inode differ from before. Fails when it cannot be
  // read, is empty, larger than 64 KiB or holds a control character; the value then stays what it was. White space at the end is
  // cut off.
  [[nodiscard]] checked<change> refresh(clock::time_point now);

  [[nodiscard]] const std::string& value() const noexcept { return value_; }

private:
  std::string name_;
  std::filesystem::path file_;
  std::string value_;
  clock::time_point look_again_ = clock::time_point::min();
  struct ::stat seen_{};
};

} // namespace tocsin::push
