#include "transform/schema/keywords.hpp"

#include "transform/schema/values.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tocsin::schema::detail {

namespace json = boost::json;

void keywords::fail(std::string_view keyword, std::string message) const {
  throw documents_.failure(where_, keyword, std::move(message));
}

std::optional<json::value> keywords::number(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (!v) return std::nullopt;
  if (!v->is_number()) fail(keyword, fmt::format("is {}, must be a number", kind_name(*v)));
  return *v;
}

std::optional<std::uint64_t> keywords::count(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (!v) return std::nullopt;
  if (v->is_number() && compare_numbers(*v, 0) >= 0 && (!v->is_double() || is_integral(v->get_double()))) {
    if (v->is_uint64()) return v->get_uint64();
    if (v->is_int64()) return static_cast<std::uint64_t>(v->get_int64());
    return v->get_double() < 1e19 ? static_cast<std::uint64_t>(v->get_double()) : ~std::uint64_t{0};
  }
  fail(keyword, fmt::format("is {}, must be an integer of at least 0", v->is_number() ? shown(*v) : kind_name(*v)));
}

std::optional<std::string_view> keywords::text(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (!v) return std::nullopt;
  if (!v->is_string()) fail(keyword, fmt::format("is {}, must be a string", kind_name(*v)));
  return std::string_view(v->get_string());
}

bool keywords::flag(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (v && !v->is_bool()) fail(keyword, fmt::format("is {}, must be true or false", kind_name(*v)));
  return v && v->get_bool();
}

std::vector<std::string> keywords::names(std::string_view keyword) const {
  const json::value* v = find(keyword);
  return v ? names_in(keyword, *v) : std::vector<std::string>{};
}

std::vector<std::string> keywords::names_in(std::string_view keyword, const json::value& v) const {
  if (!v.is_array()) fail(keyword, fmt::format("is {}, must be an array of member names", kind_name(v)));
  std::vector<std::string> result;
  for (const auto& name : v.get_array()) {
    if (!name.is_string()) fail(keyword, fmt::format("holds {}, must hold member names only", shown(name)));
    std::string text(name.get_string());
    if (std::find(result.begin(), result.end(), text) != result.end())
      fail(keyword, fmt::format("names {} twice", in_quotes(text)));
    result.push_back(std::move(text));
  }
  return result;
}

std::vector<location> keywords::list(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (!v) return {};
  if (!v->is_array() || v->get_array().empty()) fail(keyword, "must be a non-empty array of schemas");
  std::vector<location> result;
  for (std::size_t i = 0; i < v->get_array().size(); ++i) result.push_back(below(keyword, std::to_string(i), v->get_array()[i]));
  return result;
}

std::vector<std::pair<std::string_view, location>> keywords::map(std::string_view keyword) const {
  const json::value* v = find(keyword);
  if (!v) return {};
  if (!v->is_object()) fail(keyword, fmt::format("is {}, must be an object", kind_name(*v)));
  std::vector<std::pair<std::string_view, location>> result;
  for (const auto& member : v->get_object()) result.emplace_back(member.key(), below(keyword, member.key(), member.value()));
  return result;
}

location keywords::below(std::string_view keyword, const json::value& v) const {
  location result{where_.document, where_.pointer, &v};
  append_pointer(result.pointer, keyword);
  return result;
}

location keywords::below(std::string_view keyword, std::string_view token, const json::value& v) const {
  location result = below(keyword, v);
  append_pointer(result.pointer, token);
  return result;
}

void keywords::refuse_other_drafts() const {
  const auto named = text("$schema");
  if (!named || named->find("json-schema.org/draft-07/") != std::string_view::npos ||
      named->find("json-schema.org/draft-06/") != std::string_view::npos ||
      named->find("json-schema.org/") == std::string_view::npos) {
    return;
  }
  fail("$schema", fmt::format("{} is another draft; this program knows draft 7: http://json-schema.org/draft-07/schema#",
                              in_quotes(*named)));
}

} // namespace tocsin::schema::detail
