// Templates straight to JSON text: no value is built where the text can be written at once.
#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/writer.hpp"

#include <fmt/format.h>

namespace tocsin::json_e {

bool evaluator::has_room(const std::string& out) {
  if (out.size() - output_start_ <= bounds().output) [[likely]]
    return true;
  return fail(fmt::format("the result is larger than {} bytes", bounds().output)), false;
}

evaluator::written evaluator::write(const value& item, std::string& out) {
  switch (item.kind()) {
  case value::kind::failed: return written::failed;
  case value::kind::absent: return written::nothing;
  case value::kind::string: append_quoted(out, item.as_string()); return has_room(out) ? written::yes : written::failed;
  case value::kind::int64: append_number(out, item.as_int64()); return written::yes;
  default: break;
  }
  limits rest = bounds();
  rest.output -= std::min(rest.output, out.size() - output_start_);
  if (auto done = append_json(out, item, rest); !done) {
    fail(std::move(done.error().message));
    return written::failed;
  }
  return written::yes;
}

evaluator::written evaluator::write(const node& what, const frame* scope, std::string& out) {
  const written result = write_node(what, scope, out);
  if (result == written::failed && error.pointer.empty()) error.pointer = what.pointer;
  return result;
}

evaluator::written evaluator::write_node(const node& what, const frame* scope, std::string& out) {
  switch (what.code) {
  case operation::constant:
    if (what.literal.is_absent()) return written::nothing;
    out += what.text;
    return has_room(out) ? written::yes : written::failed;
  case operation::text: return spend() ? write_text(what, scope, out) : written::failed;
  case operation::array: return spend() ? write_array(what, scope, out) : written::failed;
  case operation::object:
    if (what.runs.empty()) break; // names that are made: two may turn out the same
    return spend() ? write_runs(what, scope, out) : written::failed;
  case operation::if_: {
    const value condition = evaluate(*what.expression, scope);
    if (condition.failed()) return written::failed;
    const node* taken = condition.truthy() ? what.body : what.otherwise;
    return taken != nullptr ? write(*taken, scope, out) : written::nothing;
  }
  case operation::switch_: {
    const node* taken = nullptr;
    if (!chosen(what, scope, taken)) return written::failed;
    return taken != nullptr ? write(*taken, scope, out) : written::nothing;
  }
  case operation::let: {
    frame inner;
    return let_frame(what, scope, inner) ? write(*what.body, &inner, out) : written::failed;
  }
  case operation::map: {
    const value source = render(*what.operand, scope);
    if (source.failed()) return written::failed;
    if (source.is_array()) return write_map(what, source, scope, out);
    return write(map_object(what, source, scope), out);
  }
  default: break;
  }
  return write(render_node(what, scope), out);
}

evaluator::written evaluator::write_text(const node& what, const frame* scope, std::string& out) {
  out += '"';
  for (const part& each : what.parts) {
    if (each.expression == nullptr) {
      out += each.escaped;
      continue;
    }
    const value item = evaluate(*each.expression, scope);
    if (item.failed()) return written::failed;
    if (item.is_array() || item.is_object()) {
      fail(fmt::format("{}: {} cannot stand in a text", each.expression->source, describe(item)));
      return written::failed;
    }
    const auto text = text_of(item, null_is::empty);
    if (!text) return written::failed;
    append_escaped(out, *text);
  }
  out += '"';
  return has_room(out) ? written::yes : written::failed;
}

evaluator::written evaluator::write_array(const node& what, const frame* scope, std::string& out) {
  const std::size_t start = out.size();
  for (const node* each : what.items) {
    out += ',';
    const written result = write(*each, scope, out);
    if (result == written::failed) return result;
    if (result == written::nothing) out.pop_back();
  }
  if (out.size() == start)
    out += '[';
  else
    out[start] = '[';
  out += ']';
  return has_room(out) ? written::yes : written::failed;
}

evaluator::written evaluator::write_runs(const node& what, const frame* scope, std::string& out) {
  const std::size_t start = out.size();
  for (const run& each : what.runs) {
    out += each.text;
    if (each.item == nullptr) continue;
    const written result = write(*each.item, scope, out);
    if (result == written::failed) return result;
    if (result == written::nothing) out.resize(out.size() - each.name_size);
  }
  // Every member has a comma in front; the first one's is where the brace belongs.
  if (out.size() == start)
    out += '{';
  else
    out[start] = '{';
  out += '}';
  return has_room(out) ? written::yes : written::failed;
}

evaluator::written evaluator::write_map(const node& what, const value& source, const frame* scope, std::string& out) {
  const std::size_t start = out.size();
  for (std::size_t at = 0; at < source.size(); ++at) {
    const value bound_values[2] = {source.element(at), value::of(static_cast<std::int64_t>(at))};
    const frame inner{scope, {what.names, what.name_count}, bound_values, {}};
    out += ',';
    const written result = spend() ? write(*what.body, &inner, out) : written::failed;
    if (result == written::failed) return result;
    if (result == written::nothing) out.pop_back();
  }
  if (out.size() == start)
    out += '[';
  else
    out[start] = '[';
  out += ']';
  return has_room(out) ? written::yes : written::failed;
}

} // namespace tocsin::json_e
