#include "transform/json_e/describe.hpp"

#include "transform/json_e/functions.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/unicode.hpp"
#include "transform/json_e/writer.hpp"

namespace tocsin::json_e {
namespace {

constexpr std::size_t longest = 80;

} // namespace

std::string_view type_name(const value& item) noexcept {
  switch (item.kind()) {
  case value::kind::null: return "null";
  case value::kind::boolean: return "boolean";
  case value::kind::int64:
  case value::kind::uint64:
  case value::kind::real:
  case value::kind::marked: return "number";
  case value::kind::string: return "string";
  case value::kind::array:
  case value::kind::json_array: return "array";
  case value::kind::object:
  case value::kind::json_object: return "object";
  case value::kind::function: return "function";
  case value::kind::absent:
  case value::kind::failed: break;
  }
  return "nothing";
}

std::string shortened(std::string_view text) {
  const std::size_t end = unicode::offset_of(text, longest);
  if (end >= text.size()) return std::string(text);
  return std::string(text.substr(0, unicode::offset_of(text, longest - 1))) + "…";
}

std::string describe(const value& item) {
  std::string text(type_name(item));
  if (item.is_null() || item.is_absent()) return text;
  text += ' ';
  if (item.is_function()) return text.append(item.as_function().name);
  std::string content;
  if (item.kind() == value::kind::marked) {
    content = marked_text(item.as_real());
  } else if (item.is_string()) {
    append_quoted(content, item.as_string().substr(0, unicode::offset_of(item.as_string(), longest + 1)));
  } else {
    // The writer stops soon; what it has written by then is enough.
    (void)append_json(content, item, limits{.value_depth = longest, .output = longest * 4});
  }
  return text + shortened(content);
}

} // namespace tocsin::json_e
