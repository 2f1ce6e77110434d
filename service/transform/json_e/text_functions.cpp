// Our own functions over text: parts, replacements, regular expressions (RE2), lengths.
#include "transform/json_e/arguments.hpp"
#include "transform/json_e/unicode.hpp"

#include <array>

namespace tocsin::json_e {
namespace {

// The first argument that is no string; the arguments' number where all are.
std::size_t first_other(const call& site, std::size_t count) {
  std::size_t at = 0;
  while (at < count && site.arguments[at].is_string()) ++at;
  return at;
}

std::string_view text_at(const call& site, std::size_t at) { return site.arguments[at].as_string(); }
re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const re2::StringPiece& text) { return {text.data(), text.size()}; }

value starts_with(const call& site) {
  if (const std::size_t at = first_other(site, 2); at < 2) return wrong_argument(site, at, "a string");
  return value::of(text_at(site, 0).starts_with(text_at(site, 1)));
}

value ends_with(const call& site) {
  if (const std::size_t at = first_other(site, 2); at < 2) return wrong_argument(site, at, "a string");
  return value::of(text_at(site, 0).ends_with(text_at(site, 1)));
}

value replace(const call& site) {
  if (const std::size_t at = first_other(site, 3); at < 3) return wrong_argument(site, at, "a string");
  const std::string_view text = text_at(site, 0), from = text_at(site, 1), to = text_at(site, 2);
  if (from.empty()) return refused(site, "the text to be replaced is empty");
  if (!site.machine.spend(text.size() / 16)) return value::failure();
  std::string out;
  std::size_t start = 0;
  for (std::size_t found = text.find(from); found != std::string_view::npos; found = text.find(from, start)) {
    if (!site.machine.spend(1 + to.size() / 16)) return value::failure();
    out.append(text, start, found - start).append(to);
    start = found + from.size();
    if (out.size() > site.machine.bounds().memory) return site.machine.out_of_memory();
  }
  if (start == 0) return site.arguments[0];
  return site.machine.make_text(out.append(text, start));
}

value matches(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  if (!site.machine.spend(text_at(site, 0).size())) return value::failure();
  return value::of(RE2::PartialMatch(piece(text_at(site, 0)), *site.site.pattern));
}

// The groups of the first match: one group alone gives its text, none the whole match, several an array.
value extract(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = text_at(site, 0);
  if (!site.machine.spend(text.size())) return value::failure();
  const RE2& pattern = *site.site.pattern;
  const auto groups = static_cast<std::size_t>(pattern.NumberOfCapturingGroups());
  std::vector<re2::StringPiece> found(groups + 1);
  if (!pattern.Match(piece(text), 0, text.size(), RE2::UNANCHORED, found.data(), static_cast<int>(found.size())))
    return value::null();
  const auto group = [&](std::size_t at) { return found[at].data() == nullptr ? value::null() : value::of(view(found[at])); };
  if (groups <= 1) return group(groups);
  auto* items = site.machine.allocate<value>(groups);
  if (items == nullptr) return value::failure();
  for (std::size_t at = 0; at < groups; ++at) items[at] = group(at + 1);
  return site.machine.make_array({items, groups});
}

value replace_matches(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  if (!site.arguments[2].is_string()) return wrong_argument(site, 2, "a string");
  const std::string_view text = text_at(site, 0), rewrite = text_at(site, 2);
  std::string complaint;
  if (!site.site.pattern->CheckRewriteString(piece(rewrite), &complaint)) return refused(site, complaint);
  // Every match may take in the whole text through a group: what comes out is no larger than this.
  if (!site.machine.spend(text.size() * (1 + rewrite.size() / 16))) return value::failure();
  std::string out(text);
  if (RE2::GlobalReplace(&out, *site.site.pattern, piece(rewrite)) == 0) return site.arguments[0];
  return site.machine.make_text(out);
}

value truncate(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const auto most = site.arguments[1].is_number() ? whole_number(site.arguments[1]) : std::nullopt;
  if (!most || *most < 0) return wrong_argument(site, 1, "an integer from 0");
  if (has(site, 2) && !site.arguments[2].is_string()) return wrong_argument(site, 2, "a string");
  const std::string_view text = text_at(site, 0);
  const std::string_view ending = has(site, 2) ? text_at(site, 2) : std::string_view("…");
  if (!site.machine.spend(text.size() / 64)) return value::failure();
  const auto length = static_cast<std::size_t>(*most);
  if (unicode::offset_of(text, length) >= text.size()) return site.arguments[0];
  const std::size_t ending_length = unicode::length(ending);
  if (ending_length > length) return value::of(text.substr(0, unicode::offset_of(text, length)));
  return site.machine.make_text(text.substr(0, unicode::offset_of(text, length - ending_length)), ending);
}

constexpr std::array table = {
    function{"startsWith", "startsWith(string, prefix)", 2, 2, starts_with, origin::ours},
    function{"endsWith", "endsWith(string, suffix)", 2, 2, ends_with, origin::ours},
    function{"replace", "replace(string, from, to)", 3, 3, replace, origin::ours},
    function{"matches", "matches(string, 'regular expression')", 2, 2, matches, origin::ours, true, 2},
    function{"extract", "extract(string, 'regular expression')", 2, 2, extract, origin::ours, true, 2},
    function{"replaceMatches", "replaceMatches(string, 'regular expression', rewrite)", 3, 3, replace_matches, origin::ours, true,
             2},
    function{"truncate", "truncate(string, characters[, ending])", 2, 3, truncate, origin::ours},
};

} // namespace

std::span<const function> text_functions() noexcept { return table; }

} // namespace tocsin::json_e
