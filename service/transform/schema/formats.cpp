// `format` as an assertion: the names of draft 7 and the grammars behind them.
#include "transform/schema/compiler.hpp"
#include "transform/schema/format_grammar.hpp"
#include "transform/schema/regex.hpp"
#include "transform/schema/uri_grammar.hpp"

#include <algorithm>
#include <array>

namespace tocsin::schema::detail {

namespace {

bool is_regex(std::string_view text) {
  const auto translated = to_re2(text);
  return translated || translated.error().fault == regex_fault::unsupported;
}

// RFC 6901
bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  }
  return true;
}

// draft-handrews-relative-json-pointer-01
bool is_relative_json_pointer(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  const std::string_view rest = text.substr(digits);
  return rest == "#" || is_json_pointer(rest);
}

bool is_uri(std::string_view text) { return matches_uri(text, uri_form::absolute, characters::ascii); }
bool is_uri_reference(std::string_view text) { return matches_uri(text, uri_form::reference, characters::ascii); }
bool is_iri(std::string_view text) { return matches_uri(text, uri_form::absolute, characters::unicode); }
bool is_iri_reference(std::string_view text) { return matches_uri(text, uri_form::reference, characters::unicode); }
bool is_email(std::string_view text) { return matches_email(text, characters::ascii); }
bool is_idn_email(std::string_view text) { return matches_email(text, characters::unicode); }

constexpr std::array<std::pair<std::string_view, format_check>, 16> formats{{{"date-time", is_date_time},
                                                                             {"date", is_date},
                                                                             {"time", is_time},
                                                                             {"email", is_email},
                                                                             {"idn-email", is_idn_email},
                                                                             {"hostname", is_hostname},
                                                                             {"ipv4", is_ipv4},
                                                                             {"ipv6", is_ipv6},
                                                                             {"uri", is_uri},
                                                                             {"uri-reference", is_uri_reference},
                                                                             {"iri", is_iri},
                                                                             {"iri-reference", is_iri_reference},
                                                                             {"uri-template", is_uri_template},
                                                                             {"json-pointer", is_json_pointer},
                                                                             {"relative-json-pointer", is_relative_json_pointer},
                                                                             {"regex", is_regex}}};

} // namespace

format_check find_format(std::string_view name) noexcept {
  for (const auto& [known, check] : formats) {
    if (name == known) return check;
  }
  return nullptr;
}

} // namespace tocsin::schema::detail
