// How a line of the log is written. No I/O.
#pragma once

#include "observe/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace tocsin::observe::log {

enum class line_style { json, text, coloured_text };

struct line {
  std::chrono::system_clock::time_point time;
  log_level level = log_level::info;
  bool audit = false;
  std::string_view message;
  log::fields fields;
};

// One line with its line break. At most 16 KiB: fields that do not fit are left out, and "truncated": true says so.
[[nodiscard]] std::string render(const line& line, line_style style);

// The inside of a JSON string that stands for `text`, cut to `limit` bytes of input at a character's border.
void append_escaped(std::string& out, std::string_view text, std::size_t limit);

} // namespace tocsin::observe::log
