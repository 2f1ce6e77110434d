#include "transform/json_e/names.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace tocsin::json_e {
namespace {

char folded(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, with a difference in case counting nothing.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t changed = diagonal + (folded(left[i]) == folded(right[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

bool is_identifier(std::string_view name) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name.front())) return false;
  for (const char c : name)
    if (!letter(c) && (c < '0' || c > '9')) return false;
  return true;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > name.size() + least || name.size() > candidate.size() + least) continue;
    const std::size_t far = distance(name, candidate);
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : " (did you mean `" + std::string(best) + "`?)";
}

std::string pointer_to(std::string_view pointer, std::string_view name) {
  std::string made(pointer);
  made += '/';
  for (const char c : name) {
    if (c == '~')
      made += "~0";
    else if (c == '/')
      made += "~1";
    else
      made += c;
  }
  return made;
}

} // namespace tocsin::json_e
