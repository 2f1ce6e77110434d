// What the evaluator says when an instance does not fit. Nothing here runs while it does.
#include "transform/schema/evaluator.hpp"

#include <fmt/format.h>

namespace tocsin::schema::detail {

namespace json = boost::json;

// None fits. What is wrong is said in the words of the only alternative for this type of value, where there is one.
bool evaluator::alternatives(const node& n, const instruction& i, const json::value& v, const step* at) {
  if (!listening()) return false;
  const std::uint8_t type = type_of(v);
  index only = none;
  std::size_t count = 0;
  std::string types;
  for (const index c : i.nodes) {
    const node& alternative = program_.nodes[c];
    if (!alternative.type_text.empty() && types.find(alternative.type_text) == std::string::npos) {
      types += (types.empty() ? "" : " or ") + alternative.type_text;
    }
    if (alternative.never || !(alternative.types & type)) continue;
    only = c;
    ++count;
  }
  if (count == 1) return visit(only, v, at);
  fault(n, i.what == combinator::any_of ? "anyOf" : "oneOf", at, [&] {
    if (count == 0 && !types.empty()) return fmt::format("is {}, must be {}", kind_name(v), types);
    return fmt::format("fits none of {} alternatives", i.nodes.size());
  });
  return false;
}

bool evaluator::wrong_type(const node& n, const json::value& v, const step* at) {
  fault(n, "type", at, [&] {
    const bool fraction = v.is_double() && (n.types & integer_bit);
    return fmt::format("is {}, must be {}", fraction ? "a number with a fraction" : kind_name(v), n.type_text);
  });
  return false;
}

bool evaluator::out_of_set(const node& n, const instruction& i, const json::value& v, const step* at) {
  const std::string& text = program_.sets[i.set].text;
  fault(n, i.is_const ? "const" : "enum", at, [&] {
    const std::string_view words = i.is_const ? "must be" : "must be one of";
    return v.is_string() || v.is_number() ? fmt::format("{} {}", words, text)
                                          : fmt::format("is {}, {} {}", kind_name(v), words, text);
  });
  return false;
}

bool evaluator::report(const node& n, std::string_view rule, const step* at, std::string message, std::string_view member) {
  violation result;
  std::vector<const step*> path;
  for (; at; at = at->up) path.push_back(at);
  for (auto s = path.rbegin(); s != path.rend(); ++s) {
    append_pointer(result.instance, (*s)->is_member ? std::string((*s)->name) : std::to_string((*s)->number));
  }
  const std::string& document = program_.documents[n.document];
  if (!document.empty()) result.pointer = document + '#';
  result.pointer += n.pointer;
  if (!n.never) append_pointer(result.pointer, rule);
  result.rule = rule;
  result.member = member;
  result.message = std::move(message);
  return sink_(std::move(result));
}

// A check that cannot be finished is no "valid", wherever in it that happens: the flag outlives `not` and the like.
bool evaluator::limit(std::string_view what, const step* at) {
  if (exhausted_) return false;
  quiet_ = false;
  static const node nowhere;
  fault(nowhere, "limit", at, [&] { return fmt::format("the check took more {} than it may", what); });
  exhausted_ = true;
  return false;
}

} // namespace tocsin::schema::detail
