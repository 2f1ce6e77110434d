// A strict reader of what GET /metrics answers, written from the two formats' specifications and not from our writer.
#pragma once

#include "observe/exposition.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tocsin::test {

struct exposition_content {
  std::map<std::string, std::string> types; // family, as its TYPE line names it -> type
  std::map<std::string, double> samples;    // `name{label="value",...}` as written -> value
};

// Throws std::runtime_error, naming the line, for anything that the format forbids: a sample outside its family's block, without
// a TYPE or a HELP line, twice, with a name or label that is none, a histogram that is not cumulative, and so on.
[[nodiscard]] exposition_content check_exposition(std::string_view text, observe::exposition);

} // namespace tocsin::test
