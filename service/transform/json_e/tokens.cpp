#include "transform/json_e/tokens.hpp"

#include "transform/json_e/unicode.hpp"

#include <array>
#include <utility>

namespace tocsin::json_e {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool starts_name(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) noexcept { return starts_name(c) || is_digit(c); }

// Longer ones first.
constexpr std::array<std::pair<std::string_view, token_kind>, 23> symbols = {{
    {"**", token_kind::power},
    {">=", token_kind::greater_equal},
    {"<=", token_kind::less_equal},
    {"==", token_kind::equal},
    {"!=", token_kind::unequal},
    {"&&", token_kind::logical_and},
    {"||", token_kind::logical_or},
    {"+", token_kind::plus},
    {"-", token_kind::minus},
    {"*", token_kind::star},
    {"/", token_kind::slash},
    {"[", token_kind::left_bracket},
    {"]", token_kind::right_bracket},
    {".", token_kind::dot},
    {"(", token_kind::left_parenthesis},
    {")", token_kind::right_parenthesis},
    {"{", token_kind::left_brace},
    {"}", token_kind::right_brace},
    {":", token_kind::colon},
    {",", token_kind::comma},
    {"<", token_kind::less},
    {">", token_kind::greater},
    {"!", token_kind::exclamation},
}};

constexpr std::array<std::pair<std::string_view, token_kind>, 4> words = {{
    {"true", token_kind::true_},
    {"false", token_kind::false_},
    {"in", token_kind::in},
    {"null", token_kind::null},
}};

std::size_t number_size(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  if (size + 1 >= text.size() || text[size] != '.' || !is_digit(text[size + 1])) return size;
  ++size;
  while (size < text.size() && is_digit(text[size])) ++size;
  return size;
}

} // namespace

token tokenizer::next() noexcept {
  while (const std::size_t space = unicode::leading_space(source_.substr(at_))) at_ += space;
  const std::string_view rest = source_.substr(at_);
  const auto take = [&](token_kind kind, std::size_t size) {
    const token taken{kind, rest.substr(0, size), at_};
    at_ += size;
    return taken;
  };
  if (rest.empty()) return take(token_kind::end, 0);
  const char first = rest.front();
  if (is_digit(first)) return take(token_kind::number, number_size(rest));
  if (starts_name(first)) {
    std::size_t size = 1;
    while (size < rest.size() && continues_name(rest[size])) ++size;
    for (const auto& [word, kind] : words)
      if (rest.substr(0, size) == word) return take(kind, size);
    return take(token_kind::identifier, size);
  }
  if (first == '"' || first == '\'') {
    const std::size_t end = rest.find(first, 1);
    return end == std::string_view::npos ? take(token_kind::bad, rest.size()) : take(token_kind::string, end + 1);
  }
  for (const auto& [symbol, kind] : symbols)
    if (rest.starts_with(symbol)) return take(kind, symbol.size());
  return take(token_kind::bad, unicode::first_size(rest));
}

} // namespace tocsin::json_e
