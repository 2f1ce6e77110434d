#include "transform/schema/uri.hpp"

#include <fmt/format.h>

#include <optional>

namespace tocsin::schema::detail {

namespace {

struct parts {
  std::optional<std::string_view> scheme, authority, query, fragment;
  std::string_view path;
};

// RFC 3986 appendix B.
parts parse(std::string_view text) {
  parts result;
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    result.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    result.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (const auto colon = text.find(':'); colon != std::string_view::npos && colon > 0 && text.find('/') > colon) {
    result.scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    const auto slash = text.find('/', 2);
    result.authority = text.substr(2, slash == std::string_view::npos ? slash : slash - 2);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
  }
  result.path = text;
  return result;
}

// RFC 3986 5.2.4
std::string without_dots(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const auto slash = path.find('/', 1);
    const std::string_view segment = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    if (segment == "/." || segment == ".") {
      if (path.empty()) result += '/';
    } else if (segment == "/.." || segment == "..") {
      const auto last = result.rfind('/');
      result.resize(last == std::string::npos ? 0 : last);
      if (path.empty()) result += '/';
    } else {
      result += segment;
    }
  }
  return result;
}

std::string merged(const parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return fmt::format("/{}", path);
  const auto slash = base.path.rfind('/');
  return fmt::format("{}{}", slash == std::string_view::npos ? std::string_view() : base.path.substr(0, slash + 1), path);
}

} // namespace

std::string resolve(std::string_view base_text, std::string_view reference) {
  const parts r = parse(reference);
  if (r.scheme) return std::string(reference);
  const parts base = parse(base_text);
  std::optional<std::string_view> authority = base.authority, query = r.query;
  std::string path;
  if (r.authority) {
    authority = r.authority;
    path = without_dots(r.path);
  } else if (r.path.empty()) {
    path = base.path;
    if (!query) query = base.query;
  } else {
    path = without_dots(r.path.starts_with('/') ? std::string(r.path) : merged(base, r.path));
  }
  std::string result(base.scheme.value_or("mem"));
  result += ':';
  if (authority) (result += "//") += *authority;
  result += path;
  if (query) (result += '?') += *query;
  if (r.fragment) (result += '#') += *r.fragment;
  return result;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

split_uri split(std::string_view uri) {
  const auto hash = uri.find('#');
  if (hash == std::string_view::npos) return {std::string(uri), {}};
  return {std::string(uri.substr(0, hash)), percent_decoded(uri.substr(hash + 1))};
}

std::string file_uri(std::string_view path) {
  std::string result = "file://";
  for (const char c : path) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f || c == '%' || c == '#' || c == '?') {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

} // namespace tocsin::schema::detail
