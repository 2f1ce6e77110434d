#include "transform/schema/library.hpp"

#include "transform/schema/uri.hpp"
#include "transform/schema/values.hpp"
#include "transform/text_file.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tocsin::schema::detail {

namespace json = boost::json;

namespace {

constexpr std::string_view metaschema_uri = "http://json-schema.org/draft-07/schema";
constexpr std::array<std::string_view, 9> single_keywords{
    "additionalItems", "additionalProperties", "contains", "if", "then", "else", "not", "propertyNames", "items"};
constexpr std::array<std::string_view, 4> list_keywords{"allOf", "anyOf", "oneOf", "items"};
constexpr std::array<std::string_view, 4> map_keywords{"definitions", "properties", "patternProperties", "dependencies"};

std::string joined(const std::string& pointer, std::string_view keyword, std::string_view token) {
  std::string result = pointer;
  append_pointer(result, keyword);
  append_pointer(result, token);
  return result;
}

// Calls visit(pointer, value) for every subschema that a keyword of the draft holds.
template <class Visit>
void each_subschema(const json::object& schema, const std::string& pointer, Visit visit) {
  for (const auto keyword : single_keywords) {
    const json::value* v = schema.if_contains(keyword);
    if (!v || !(v->is_object() || v->is_bool())) continue;
    std::string place = pointer;
    append_pointer(place, keyword);
    visit(std::move(place), *v);
  }
  for (const auto keyword : list_keywords) {
    const json::value* v = schema.if_contains(keyword);
    if (!v || !v->is_array()) continue;
    for (std::size_t i = 0; i < v->get_array().size(); ++i) visit(joined(pointer, keyword, std::to_string(i)), v->get_array()[i]);
  }
  for (const auto keyword : map_keywords) {
    const json::value* v = schema.if_contains(keyword);
    if (!v || !v->is_object()) continue;
    for (const auto& member : v->get_object()) {
      if (!member.value().is_array()) visit(joined(pointer, keyword, member.key()), member.value());
    }
  }
}

} // namespace

json::value parse_document(std::string_view text, const std::string& name) {
  json::parse_options options;
  options.max_depth = 200;
  options.numbers = json::number_precision::precise;
  boost::system::error_code error;
  json::value result = json::parse(text, error, {}, options);
  if (error) throw compile_failure{{name, "", fmt::format("is not JSON: {}", error.message())}};
  return result;
}

json::value read_document(const std::filesystem::path& path) {
  const auto text = transform::read_text_file(path);
  if (!text) throw compile_failure{{path.string(), "", text.error().why}};
  return parse_document(*text, path.string());
}

library::library(json::value root, const schema_options& options) {
  std::string uri = "mem:/schema";
  std::error_code ignored;
  if (!options.file.empty()) uri = file_uri(std::filesystem::absolute(options.file, ignored).lexically_normal().string());
  add(std::move(root), options.file.string(), uri);
}

location library::root() const { return {0, "", documents_.front().value.get()}; }

std::uint32_t library::add(json::value value, std::string name, const std::string& uri) {
  const auto number = static_cast<std::uint32_t>(documents_.size());
  documents_.push_back({std::move(name), std::make_unique<json::value>(std::move(value))});
  const location whole{number, "", documents_.back().value.get()};
  resources_.emplace(uri, whole);
  collect(whole, uri, identifiers::registered);
  return number;
}

void library::collect(location start, std::string base, identifiers use) {
  struct entry {
    location where;
    std::string base;
  };
  std::vector<entry> pending;
  pending.push_back({std::move(start), std::move(base)});
  while (!pending.empty()) {
    entry e = std::move(pending.back());
    pending.pop_back();
    const json::object* schema = e.where.value->if_object();
    const json::value* id = schema ? schema->if_contains("$id") : nullptr;
    if (id && id->is_string() && !schema->contains("$ref")) {
      const std::string absolute = detail::resolve(e.base, std::string_view(id->get_string()));
      const split_uri s = split(absolute);
      const bool anchor = id->get_string().starts_with('#');
      if (!anchor) e.base = s.document;
      const std::string key = s.fragment.empty() ? s.document : s.document + '#' + s.fragment;
      if (use == identifiers::registered) resources_.emplace(key, e.where);
    }
    if (schema) {
      each_subschema(*schema, e.where.pointer, [&](std::string pointer, const json::value& v) {
        pending.push_back({{e.where.document, std::move(pointer), &v}, e.base});
      });
    }
    bases_[e.where.value] = std::move(e.base);
  }
}

const location* library::resource(const std::string& uri) {
  if (const auto known = resources_.find(uri); known != resources_.end()) return &known->second;
  if (uri == metaschema_uri) {
    add(parse_document(metaschema(), uri), uri, uri);
  } else if (uri.starts_with("file:///")) {
    const std::filesystem::path path = percent_decoded(std::string_view(uri).substr(7));
    add(read_document(path), path.string(), uri);
  } else {
    return nullptr;
  }
  return &resources_.at(uri);
}

location library::resolve(const location& from, std::string_view reference) {
  const split_uri target = split(detail::resolve(bases_.at(from.value), reference));
  const location* found = nullptr;
  try {
    found = resource(target.document);
  } catch (compile_failure& f) {
    throw failure(from, "$ref", fmt::format("{} leads to {}, which {}", in_quotes(reference), f.error.file, f.error.message));
  }
  if (!found) {
    if (target.document.starts_with("mem:")) {
      throw failure(from, "$ref",
                    fmt::format("{} is a file beside the schema, but this schema is not from a file", in_quotes(reference)));
    }
    throw failure(from, "$ref",
                  fmt::format("{} leads to {}, and schemas are never fetched: keep a copy beside this file and refer to it by "
                              "its relative path",
                              in_quotes(reference), target.document));
  }
  const location start = *found;
  if (target.fragment.empty()) return start;
  if (target.fragment.starts_with('/')) return walk(from, start, target.fragment, reference);
  const auto anchor = resources_.find(target.document + '#' + target.fragment);
  if (anchor == resources_.end())
    throw failure(from, "$ref", fmt::format("{} names no \"$id\" of {}", in_quotes(reference), target.document));
  return anchor->second;
}

location library::walk(const location& from, const location& start, std::string_view fragment, std::string_view reference) {
  location at = start;
  std::string base = bases_.at(at.value);
  while (!fragment.empty()) {
    fragment.remove_prefix(1);
    const auto slash = std::min(fragment.find('/'), fragment.size());
    std::string token(fragment.substr(0, slash));
    fragment.remove_prefix(slash);
    append_pointer(at.pointer, "");
    at.pointer += token;
    for (std::size_t i = 0; (i = token.find('~', i)) != std::string::npos; ++i)
      token.replace(i, 2, token.compare(i, 2, "~1") == 0 ? "/" : "~");
    const json::value* next = nullptr;
    if (const auto* object = at.value->if_object()) {
      next = object->if_contains(token);
    } else if (const auto* array = at.value->if_array()) {
      std::size_t number = array->size();
      const auto parsed = std::from_chars(token.data(), token.data() + token.size(), number);
      if (parsed.ec == std::errc() && parsed.ptr == token.data() + token.size() && number < array->size())
        next = &(*array)[number];
    }
    if (!next) throw failure(from, "$ref", fmt::format("{} leads nowhere: there is no {}", in_quotes(reference), at.pointer));
    at.value = next;
    if (const auto known = bases_.find(next); known != bases_.end()) base = known->second;
  }
  if (!at.value->is_object() && !at.value->is_bool()) {
    throw failure(from, "$ref", fmt::format("{} leads to {}, which is no schema", in_quotes(reference), kind_name(*at.value)));
  }
  if (!bases_.contains(at.value)) collect(at, base, identifiers::ignored);
  return at;
}

compile_failure library::failure(const location& where, std::string_view keyword, std::string message) const {
  std::string pointer = where.pointer;
  if (!keyword.empty()) append_pointer(pointer, keyword);
  return {{documents_.empty() ? std::string() : documents_[where.document].name, std::move(pointer), std::move(message)}};
}

} // namespace tocsin::schema::detail
