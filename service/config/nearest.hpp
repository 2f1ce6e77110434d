// "did you mean …?" for names that are not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin::config {

// The name that differs from `unknown` by the fewest insertions, deletions, replacements and swaps of neighbours, case aside, as
// long as that is at most a third of its length (at least one); empty where none is near enough. Hyphens count as underscores.
[[nodiscard]] std::string_view nearest(std::string_view unknown, std::span<const std::string_view> known);

// The end of a message about an unknown name: `did you mean "timeout"?`, or `known here: connections, rate, timeout`.
[[nodiscard]] std::string known_names(std::string_view unknown, std::span<const std::string_view> known);

} // namespace tocsin::config
