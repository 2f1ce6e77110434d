#include "config/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tocsin::config {
namespace {

constexpr std::size_t longest = 64;

char folded(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto same = [&](std::size_t x, std::size_t y) { return folded(a[x]) == folded(b[y]); };
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1)) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

} // namespace

std::string_view nearest(std::string_view unknown, std::span<const std::string_view> known) {
  std::string_view best;
  if (unknown.size() > longest) return best;
  auto best_distance = std::max<std::size_t>(1, unknown.size() / 3) + 1;
  for (const auto name : known) {
    const auto shorter = std::min(unknown.size(), name.size());
    const bool starts_alike =
        shorter >= 3 && std::ranges::equal(unknown.substr(0, shorter), name.substr(0, shorter), {}, folded, folded);
    if (const auto d = starts_alike ? 1 : distance(unknown, name); d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

std::string known_names(std::string_view unknown, std::span<const std::string_view> known) {
  if (const auto name = nearest(unknown, known); !name.empty()) return fmt::format("did you mean \"{}\"?", name);
  return fmt::format("known here: {}", fmt::join(known, ", "));
}

} // namespace tocsin::config
