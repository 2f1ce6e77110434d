// The operators of random templates.
#include "random_templates.hpp"

#include <fmt/format.h>

namespace tocsin::json_e::test {

namespace json = boost::json;

json::value random_templates::each(type wanted, int depth, std::initializer_list<std::pair<std::string, type>> bound) {
  for (const auto& [name, kind] : bound) scope_.push_back({name, kind});
  json::value made = node(wanted, depth);
  scope_.resize(scope_.size() - bound.size());
  return made;
}

std::string random_templates::condition(int depth, std::string_view bound_name, type bound_type) {
  scope_.push_back({std::string(bound_name), bound_type});
  std::string made = expression(type::flag, depth);
  scope_.pop_back();
  return made;
}

json::value random_templates::operation(type wanted, int depth) {
  if (once_in(4)) return conditional(wanted, depth);
  if (once_in(6)) return let(wanted, depth);
  if (wanted == type::array) return of_array(depth);
  if (wanted == type::object) return of_object(depth);
  if (wanted == type::text && once_in(3)) return json::object{{"$json", node(type::any, depth)}};
  if (wanted == type::text && once_in(4)) {
    json::object made{{"$fromNow", one_of("1 day", "2 months 1 s", "-1 yr", "bad", "+3 w")}};
    if (once_in(3)) made["from"] = once_in(2) ? json::value("2019-01-01T01:00:00.123Z") : node(type::text, 0);
    return made;
  }
  if (once_in(3)) {
    const bool indexed = once_in(3);
    return json::object{
        {"$find", node(type::array, depth)},
        {indexed ? "each(v,w)" : "each(v)", condition(2, indexed ? "w" : "v", indexed ? type::number : type::any)}};
  }
  if (wanted == type::number && once_in(2)) {
    return json::object{
        {"$reduce", node(type::array, depth)},
        {"initial", once_in(8) ? data(type::any, 1) : json::value(below(5))},
        {once_in(2) ? "each(u,v)" : "each(u, v,  w)", each(type::number, 1, {{"u", type::number}, {"v", type::number}})}};
  }
  return json::object{{"$eval", expression(wanted, depth + 1)}};
}

json::value random_templates::conditional(type wanted, int depth) {
  if (once_in(3)) {
    json::object cases;
    for (int count = 1 + below(2); count > 0; --count) cases[expression(type::flag, 2)] = node(wanted, depth);
    if (once_in(2)) cases["$default"] = node(wanted, depth);
    return json::object{{"$switch", cases}};
  }
  json::object made{{"$if", expression(once_in(3) ? type::any : type::flag, 2)}};
  if (!once_in(6)) made["then"] = node(wanted, depth);
  if (!once_in(3)) made["else"] = node(wanted, depth);
  return made;
}

json::value random_templates::let(type wanted, int depth) {
  if (once_in(4))
    return json::object{{"$let", json::object{{"$eval", fmt::format("{{v: {}}}", expression(type::number, 1))}}},
                        {"in", each(wanted, depth, {{"v", type::number}})}};
  const type kind = any_type();
  json::object bindings{{"v", node(kind, depth)}};
  if (once_in(3)) bindings[once_in(8) ? "9" : "n"] = data(type::number, 0);
  if (once_in(6)) bindings["lowercase"] = json::object{{"$eval", "uppercase"}};
  return json::object{{"$let", bindings}, {"in", each(wanted, depth, {{"v", kind}})}};
}

json::value random_templates::of_array(int depth) {
  switch (below(8)) {
  case 0: return json::object{{"$flatten", node(type::array, depth)}};
  case 1: return json::object{{"$flattenDeep", node(type::array, depth)}};
  case 2: return json::object{{"$reverse", node(type::array, depth)}};
  case 3: return json::object{{"$sort", node(type::array, depth)}};
  case 4: {
    const std::string by = condition(2, "v", type::any);
    return json::object{{"$sort", node(type::array, depth)},
                        {"by(v)", once_in(2) ? by : one_of("-v", "v", "str(v)", "v.a", "len(v)")}};
  }
  case 5: {
    json::object cases;
    for (int count = below(3); count > 0; --count) cases[expression(type::flag, 2)] = node(type::any, depth);
    return json::object{{"$match", cases}};
  }
  case 6:
    return json::object{{"$map", node(type::array, depth)},
                        {"each(v, w)", each(type::any, depth, {{"v", type::any}, {"w", type::number}})}};
  default: return json::object{{"$map", node(type::array, depth)}, {"each(v)", each(type::any, depth, {{"v", type::any}})}};
  }
}

json::value random_templates::of_object(int depth) {
  switch (below(4)) {
  case 0:
  case 1: {
    json::array parts;
    for (int count = below(4); count > 0; --count) parts.push_back(node(type::object, depth));
    return json::object{{once_in(2) ? "$merge" : "$mergeDeep", parts}};
  }
  case 2:
    return json::object{{"$map", node(type::object, depth)},
                        {"each(v)", once_in(2) ? json::value(json::object{{"q${v.key}", json::object{{"$eval", "v.val"}}}})
                                               : each(type::object, depth, {{"v", type::object}})}};
  default:
    return json::object{{"$map", node(type::object, depth)},
                        {"each(v,w)", once_in(2) ? json::value(json::object{{"${w}q", json::object{{"$eval", "v"}}}})
                                                 : each(type::object, depth, {{"v", type::any}, {"w", type::text}})}};
  }
}

} // namespace tocsin::json_e::test
