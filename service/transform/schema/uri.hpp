// As much of RFC 3986 as identifiers and references of schemas need.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::schema::detail {

// `reference` against the absolute `base` (RFC 3986 5.2), its fragment kept.
[[nodiscard]] std::string resolve(std::string_view base, std::string_view reference);

// Splits at the first '#': what stands before it, and behind it, percent-decoded.
struct split_uri {
  std::string document;
  std::string fragment;
};
[[nodiscard]] split_uri split(std::string_view uri);

[[nodiscard]] std::string percent_decoded(std::string_view);

// "file:///a/b%20c.json" for an absolute path.
[[nodiscard]] std::string file_uri(std::string_view path);

} // namespace tocsin::schema::detail
