#include "random_templates.hpp"

#include <fmt/format.h>

namespace tocsin::json_e::test {

namespace json = boost::json;

random_templates::pair random_templates::next() {
  pair made;
  scope_.clear();
  for (const char* name : {"n", "m", "i", "s", "t", "f", "g", "xs", "ys", "o", "p", "z"}) {
    static constexpr type kinds[] = {type::number, type::number, type::number, type::text,   type::text,   type::flag,
                                     type::flag,   type::array,  type::array,  type::object, type::object, type::any};
    const type kind = kinds[scope_.size()];
    scope_.push_back({name, kind});
    made.context[name] = name == std::string_view("i") ? json::value(below(4) - 1) : data(kind, 3);
  }
  if (once_in(10)) made.context[one_of("min", "len", "typeof")] = data(any_type(), 1);
  if (once_in(20)) made.context["now"] = json::value(once_in(2) ? "2001-02-03T04:05:06.789Z" : word());
  made.source = node(any_type(), 1 + below(5));
  return made;
}

std::string random_templates::word() {
  return one_of("", "a", "b", "警报", "Straße", "hello world", "  x ", "1", "2.5", "-3", "a:b:c", "😀é", "10", "true", "ÀB",
                "a,b", "ΑΣ");
}

json::value random_templates::data(type wanted, int depth) {
  if (wanted == type::any || once_in(25)) wanted = any_type();
  if (once_in(30)) return nullptr;
  switch (wanted) {
  case type::number:
    if (once_in(3)) return (below(400) - 200) / 8.0;
    return once_in(20) ? json::value(std::int64_t{1099511627777}) : json::value(below(25) - 7);
  case type::text: return json::value(word());
  case type::flag: return once_in(2);
  case type::array: {
    json::array made;
    const type inner = once_in(4) ? type::any : any_type();
    for (int count = depth > 0 ? below(5) : 0; count > 0; --count) made.push_back(data(inner, depth - 1));
    return made;
  }
  default: {
    json::object made;
    for (int count = depth > 0 ? below(4) : 0; count > 0; --count) made[key()] = data(any_type(), depth - 1);
    return made;
  }
  }
}

std::string random_templates::variable(type wanted) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    const variable_entry& found = scope_[static_cast<std::size_t>(below(static_cast<int>(scope_.size())))];
    if (found.kind == wanted || wanted == type::any || found.kind == type::any) return found.name;
  }
  return scope_.back().name;
}

std::string random_templates::expression(type wanted, int depth) {
  if (wanted == type::any || once_in(30)) wanted = any_type();
  if (once_in(60))
    return one_of("null", "nothing", "min", "now", "z", "1 / 0", "-s", "!o.a", "xs[9]", "true || nothing", "false && nothing");
  if (depth <= 0 && once_in(2)) return variable(wanted);
  const std::string before = space(), after = space();
  switch (wanted) {
  case type::number: return before + number(depth - 1) + after;
  case type::text: return before + text(depth - 1) + after;
  case type::flag: return before + flag(depth - 1) + after;
  case type::array: return before + array(depth - 1) + after;
  default: return before + object(depth - 1) + after;
  }
}

std::string random_templates::number(int depth) {
  const auto any = [&] { return expression(type::number, depth); };
  switch (depth <= 0 ? below(2) : below(16)) {
  case 0: return one_of("0", "1", "2", "3", "007", "10", "1.5", "0.25", "2.0", "12.75");
  case 1: return variable(type::number);
  case 2: return fmt::format("{}{}{}", any(), one_of("+", "-", "*"), any());
  case 3: return fmt::format("{} / {}", any(), any());
  case 4: return fmt::format("({}) ** {}", any(), one_of("0", "1", "2", "3", "-1"));
  case 5: return fmt::format("{}({})", one_of("floor", "ceil", "abs"), any());
  case 6: return fmt::format("{}({}, {}{})", one_of("min", "max"), any(), any(), once_in(2) ? ", " + any() : "");
  case 7: return fmt::format("len({})", expression(once_in(2) ? type::text : type::array, depth));
  case 8: return fmt::format("-({})", any());
  case 9: return fmt::format("number({})", once_in(3) ? text(depth) : literal(one_of("1", " 2.5", "-3", "1e2", "x", "")));
  case 10: return fmt::format("sqrt({})", once_in(3) ? any() : "16");
  case 11: return fmt::format("{}[{}]", variable(type::array), index());
  case 12: return fmt::format("{}.{}", variable(type::object), one_of("a", "b", "c"));
  case 13: return fmt::format("({})", any());
  case 14: return fmt::format("{} {} {} {} {}", any(), one_of("+", "*", "-", "**", "/"), any(), one_of("+", "*", "-"), any());
  default: return fmt::format("+{}", one_of("1", "2.5", "n"));
  }
}

std::string random_templates::text(int depth) {
  const auto any = [&] { return expression(type::text, depth); };
  switch (depth <= 0 ? below(2) : below(13)) {
  case 0: return literal(word());
  case 1: return variable(type::text);
  case 2: return fmt::format("{} + {}", any(), any());
  case 3: return fmt::format("str({})", expression(once_in(3) ? type::any : type::number, depth));
  case 4: return fmt::format("{}({})", one_of("lowercase", "uppercase", "strip", "lstrip", "rstrip"), any());
  case 5: return fmt::format("join({}, {})", expression(type::array, depth), once_in(4) ? "1" : literal(one_of(",", "", "-")));
  case 6: return fmt::format("{}[{}]", any(), index());
  case 7: return fmt::format("{}[{}:{}]", any(), once_in(2) ? index() : "", once_in(2) ? index() : "");
  case 8: return fmt::format("typeof({})", expression(type::any, depth));
  case 9: return fmt::format("{}[{}]", variable(type::object), literal(key()));
  case 10:
    return fmt::format("fromNow({}{})", literal(one_of("1 day", "-2h", "1y 3 weeks", "", "5 min 2s", "nonsense")),
                       once_in(3) ? ", '2020-02-29T12:30:00.5Z'" : "");
  case 11: return fmt::format("({})", any());
  default: return fmt::format("split({}, {})[{}]", any(), once_in(4) ? "1" : literal(one_of(":", "", ",", "a")), index());
  }
}

std::string random_templates::flag(int depth) {
  const auto any = [&] { return expression(type::any, depth); };
  const type kind = once_in(2) ? type::number : type::text;
  switch (depth <= 0 ? below(2) : below(11)) {
  case 0: return one_of("true", "false");
  case 1: return variable(type::flag);
  case 2: return fmt::format("{} {} {}", expression(kind, depth), one_of("<", ">", "<=", ">="), expression(kind, depth));
  case 3: return fmt::format("{} {} {}", any(), one_of("==", "!="), any());
  case 4: return fmt::format("{} {} {}", any(), one_of("==", "!="), variable(type::any));
  case 5: return fmt::format("{} {} {}", flag(depth - 1), one_of("&&", "||"), flag(depth - 1));
  case 6: return fmt::format("!({})", any());
  case 7: return fmt::format("{} in {}", any(), expression(type::array, depth));
  case 8:
    return fmt::format("{} in {}", expression(type::text, depth), expression(once_in(2) ? type::text : type::object, depth));
  case 9: return fmt::format("defined({})", literal(one_of("n", "nothing", "min", "now", "v")));
  default: return fmt::format("({} {} {})", any(), one_of("&&", "||"), any());
  }
}

std::string random_templates::array(int depth) {
  const auto any = [&] { return expression(type::array, depth); };
  switch (depth <= 0 ? below(2) : below(7)) {
  case 0: return once_in(3) ? "[]" : fmt::format("[{}, {}]", expression(type::number, depth), expression(type::any, depth));
  case 1: return variable(type::array);
  case 2: {
    const type kind = any_type();
    return fmt::format("[{},{},{}]", expression(kind, depth), expression(kind, depth), expression(kind, depth));
  }
  case 3:
    return fmt::format("range({}, {}{})", one_of("0", "1", "-2", "i"), one_of("3", "5", "0", "4.0"),
                       once_in(3) ? one_of(", 2", ", -1", ", 0") : "");
  case 4: return fmt::format("split({}, {})", expression(type::text, depth), literal(one_of(":", "", ",")));
  case 5: return fmt::format("{}[{}:{}]", any(), once_in(2) ? index() : "", once_in(2) ? index() : "");
  default: return fmt::format("({})", any());
  }
}

std::string random_templates::object(int depth) {
  switch (depth <= 0 ? below(2) : below(4)) {
  case 0: return once_in(4) ? "{}" : fmt::format("{{{}: {}}}", one_of("a", "b", "'x y'", "\"c\""), expression(type::any, depth));
  case 1: return variable(type::object);
  case 2:
    return fmt::format("{{a: {}, {}: {}{}}}", expression(type::any, depth), one_of("b", "'a'", "c"), expression(type::any, depth),
                       once_in(4) ? "," : "");
  default: return fmt::format("({})", variable(type::object));
  }
}

std::string random_templates::interpolated(int depth) {
  std::string made;
  for (int count = 1 + below(3); count > 0; --count) {
    made += one_of("", "a ", "警", "$", "$$", "}", "{");
    made += once_in(8) ? "$${" + word() + "}"
                       : "${" +
                             expression(once_in(8)   ? type::any
                                        : once_in(2) ? type::number
                                                     : type::text,
                                        depth) +
                             "}";
  }
  return made + word();
}

json::value random_templates::node(type wanted, int depth) {
  if (wanted == type::any || once_in(25)) wanted = any_type();
  if (depth <= 0 || once_in(6)) {
    if (wanted == type::text) return json::value(interpolated(1));
    return once_in(2) ? data(wanted, 2) : json::value(json::object{{"$eval", expression(wanted, 2)}});
  }
  if (once_in(2)) return operation(wanted, depth - 1);
  switch (wanted) {
  case type::text: return json::value(interpolated(depth));
  case type::array: {
    json::array made;
    for (int count = below(4); count > 0; --count) made.push_back(node(once_in(3) ? type::object : any_type(), depth - 1));
    return made;
  }
  case type::object: {
    json::object made;
    for (int count = below(4); count > 0; --count) {
      const std::string name = once_in(4)    ? "k${" + expression(type::text, 1) + "}"
                               : once_in(10) ? "$$" + key()
                               : once_in(40) ? "$unknown"
                                             : key();
      made[name] = node(any_type(), depth - 1);
    }
    return made;
  }
  default: return json::object{{"$eval", expression(wanted, depth)}};
  }
}

} // namespace tocsin::json_e::test
