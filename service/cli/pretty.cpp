#include "cli/pretty.hpp"

#include <boost/json/serialize.hpp>

namespace tocsin::cli {
namespace {

namespace json = boost::json;

void append(std::string& out, const json::value& value, std::size_t depth);

// `each` appends one element.
template <class Range, class Each>
void append_lines(std::string& out, const Range& range, char open, char close, std::size_t depth, Each each) {
  out += open;
  const char* separator = "\n";
  for (const auto& element : range) {
    out += separator;
    out.append(2 * (depth + 1), ' ');
    each(element);
    separator = ",\n";
  }
  if (!range.empty()) {
    out += '\n';
    out.append(2 * depth, ' ');
  }
  out += close;
}

void append(std::string& out, const json::value& value, std::size_t depth) {
  if (const auto* const object = value.if_object()) {
    append_lines(out, *object, '{', '}', depth, [&](const json::key_value_pair& member) {
      out += json::serialize(json::string(member.key())) + ": ";
      append(out, member.value(), depth + 1);
    });
  } else if (const auto* const array = value.if_array()) {
    append_lines(out, *array, '[', ']', depth, [&](const json::value& element) { append(out, element, depth + 1); });
  } else {
    out += json::serialize(value);
  }
}

} // namespace

std::string pretty(const json::value& value) {
  std::string out;
  append(out, value, 0);
  return out + '\n';
}

} // namespace tocsin::cli
