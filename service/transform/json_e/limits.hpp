#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::json_e {

// What a template may look like and what one evaluation may cost. Whatever goes beyond is refused with a compile_error or an
// evaluation_error; nothing is cut short silently. The defaults suit events of up to a few MiB.
struct limits {
  // Levels of arrays, objects and operators in a template.
  std::size_t template_depth = 200;
  // Levels of parentheses, brackets and operators in one expression.
  std::size_t expression_depth = 500;
  // Levels of arrays and objects in a value: a JSON text read by parseJson, a result, anything compared or written.
  std::size_t value_depth = 200;
  // Nodes evaluated, elements visited and names looked up, for one expression or template and one event.
  std::uint64_t steps = 4'000'000;
  // Bytes of memory for everything made during one evaluation: strings, arrays, objects.
  std::size_t memory = std::size_t{64} << 20;
  // Bytes of the text that render_to() writes.
  std::size_t output = std::size_t{16} << 20;
};

} // namespace tocsin::json_e
