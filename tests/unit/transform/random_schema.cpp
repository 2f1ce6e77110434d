#include "unit/transform/random_schema.hpp"

#include <array>

namespace tocsin::schema {

namespace json = boost::json;

namespace {
constexpr std::array<const char*, 7> types{"null", "boolean", "integer", "number", "string", "array", "object"};
constexpr std::array<const char*, 8> texts_in_use{"", "a", "ab", "abc", "磁盘", "monitor", "b2", "x-1"};
constexpr std::array<const char*, 6> patterns{"^a", "b", "^[a-z]+$", "\\d", "^[a-z0-9]{2}$", "^(a|monitor)"};
constexpr std::array<double, 5> fractions{0.5, -1.5, 2.25, 1e10 + 0.5, -0.125};
} // namespace

std::string random_schema::name() {
  constexpr std::array<const char*, 6> names{"a", "b", "c", "ab", "b2", "host"};
  return names[below(names.size())];
}

json::value random_schema::scalar() {
  switch (below(7)) {
  case 0: return nullptr;
  case 1: return chance(50);
  case 2: return fractions[below(fractions.size())];
  case 3: return texts_in_use[below(texts_in_use.size())];
  default: return static_cast<std::int64_t>(below(9)) - 3;
  }
}

json::value random_schema::instance(int depth) {
  if (depth == 0 || chance(35)) return scalar();
  if (chance(35)) {
    json::array result;
    for (std::uint64_t n = below(4); n > 0; --n) result.push_back(instance(depth - 1));
    return result;
  }
  json::object result;
  for (std::uint64_t n = below(5); n > 0; --n) result.insert_or_assign(name(), instance(depth - 1));
  return result;
}

json::object random_schema::whole() {
  json::value made = schema(3, references::none);
  json::object result = made.is_object() ? std::move(made.get_object()) : json::object();
  json::object definitions;
  in_definition_ = true;
  for (const char* definition : {"a", "b", "c"}) definitions[definition] = schema(2, references::none);
  in_definition_ = false;
  result["definitions"] = std::move(definitions);
  return result;
}

json::value random_schema::schema(int depth, references use) {
  if (chance(5)) return chance(60);
  if (use == references::allowed && chance(12)) return json::object{{"$ref", std::string("#/definitions/") + "abc"[below(3)]}};
  json::object result;
  if (chance(40)) {
    if (chance(70)) {
      result["type"] = types[below(types.size())];
    } else {
      const auto first = below(types.size());
      result["type"] = json::array{types[first], types[(first + 1 + below(types.size() - 1)) % types.size()]};
    }
  }
  if (chance(25)) numbers(result);
  if (chance(25)) texts(result);
  if (chance(12)) {
    if (chance(50))
      result["const"] = instance(1);
    else
      result["enum"] = json::array{instance(1), scalar(), "abc"};
  }
  if (depth == 0) return result;
  if (chance(30)) arrays(result, depth - 1);
  if (chance(45)) objects(result, depth - 1);
  if (chance(25)) combinations(result, depth - 1, use);
  return result;
}

json::array random_schema::list_of_schemas(int depth, references use) {
  json::array result;
  for (std::uint64_t n = 1 + below(3); n > 0; --n) result.push_back(schema(depth, use));
  return result;
}

void random_schema::numbers(json::object& to) {
  const auto bound = [this] { return static_cast<std::int64_t>(below(9)) - 4; };
  if (chance(30)) to["minimum"] = bound();
  if (chance(30)) to["maximum"] = bound();
  if (chance(20)) to["exclusiveMinimum"] = bound();
  if (chance(20)) to["exclusiveMaximum"] = bound();
  if (chance(20)) to["multipleOf"] = 0.5 + static_cast<double>(below(3));
}

void random_schema::texts(json::object& to) {
  if (chance(40)) to["minLength"] = static_cast<std::int64_t>(below(4));
  if (chance(40)) to["maxLength"] = static_cast<std::int64_t>(below(5));
  if (chance(30)) to["pattern"] = patterns[below(patterns.size())];
}

void random_schema::arrays(json::object& to, int depth) {
  if (chance(30)) to["minItems"] = static_cast<std::int64_t>(below(3));
  if (chance(30)) to["maxItems"] = static_cast<std::int64_t>(below(4));
  if (chance(25)) to["uniqueItems"] = chance(80);
  if (chance(40)) {
    to["items"] = schema(depth, references::allowed);
  } else if (chance(40)) {
    to["items"] = list_of_schemas(depth, references::allowed);
    if (chance(60)) to["additionalItems"] = schema(depth, references::allowed);
  }
  if (chance(20)) to["contains"] = schema(depth, references::allowed);
}

void random_schema::objects(json::object& to, int depth) {
  const auto map = [&](auto key) {
    json::object result;
    for (std::uint64_t n = 1 + below(3); n > 0; --n) result.insert_or_assign(key(), schema(depth, references::allowed));
    return result;
  };
  if (chance(60)) to["properties"] = map([this] { return name(); });
  if (chance(25)) to["patternProperties"] = map([this] { return std::string(patterns[below(patterns.size())]); });
  if (chance(25)) to["additionalProperties"] = schema(depth, references::allowed);
  if (!in_definition_ && chance(15)) {
    json::object names;
    texts(names);
    if (chance(20)) names["enum"] = json::array{"a", "host", name()};
    to["propertyNames"] = std::move(names);
  }
  if (chance(15)) to["minProperties"] = static_cast<std::int64_t>(below(3));
  if (chance(15)) to["maxProperties"] = static_cast<std::int64_t>(below(4));
  if (chance(40)) {
    json::array names{name()};
    const std::string other = name();
    if (names[0].get_string() != other) names.emplace_back(other);
    to["required"] = std::move(names);
  }
  if (chance(12)) to["dependencies"] = json::object{{name(), json::array{name()}}, {"host", schema(0, references::none)}};
}

void random_schema::combinations(json::object& to, int depth, references use) {
  if (chance(30)) to["allOf"] = list_of_schemas(depth, use);
  if (chance(30)) to["anyOf"] = list_of_schemas(depth, use);
  if (chance(30)) to["oneOf"] = list_of_schemas(depth, use);
  if (chance(25)) to["not"] = schema(depth, use);
  if (chance(25)) {
    to["if"] = schema(depth, use);
    if (chance(70)) to["then"] = schema(depth, use);
    if (chance(70)) to["else"] = schema(depth, use);
  }
}

} // namespace tocsin::schema
