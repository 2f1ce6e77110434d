#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::json_e {

enum class token_kind : std::uint8_t {
  end,
  bad, // a character, or an unclosed string, that starts no token
  power,
  plus,
  minus,
  star,
  slash,
  left_bracket,
  right_bracket,
  dot,
  left_parenthesis,
  right_parenthesis,
  left_brace,
  right_brace,
  colon,
  comma,
  greater_equal,
  less_equal,
  less,
  greater,
  equal,
  unequal,
  exclamation,
  logical_and,
  logical_or,
  true_,
  false_,
  in,
  null,
  number,
  identifier,
  string,
};

struct token {
  token_kind kind = token_kind::end;
  std::string_view text; // of a string: with its quotes
  std::size_t start = 0; // bytes from the start of the source
};

// JSON-e's tokens, one after the other. White space between them is ECMAScript's.
class tokenizer {
public:
  explicit tokenizer(std::string_view source, std::size_t start = 0) noexcept : source_(source), at_(start) {}
  token next() noexcept;

private:
  std::string_view source_;
  std::size_t at_;
};

} // namespace tocsin::json_e
