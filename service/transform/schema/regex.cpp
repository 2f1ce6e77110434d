#include "transform/schema/regex.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <stdexcept>

namespace tocsin::schema::detail {

namespace {

// \s of ECMA-262 12.2 and 12.3, and its complement, as the inside of a class.
constexpr std::string_view space = R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view no_space =
    R"(\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view no_line_end = R"([^\n\r\x{2028}\x{2029}])";

// The long names of general categories (Unicode PropertyValueAliases) for those that RE2 knows by one or two letters.
constexpr std::array<std::pair<std::string_view, std::string_view>, 42> categories{{{"Letter", "L"},
                                                                                    {"Cased_Letter", "LC"},
                                                                                    {"Uppercase_Letter", "Lu"},
                                                                                    {"Lowercase_Letter", "Ll"},
                                                                                    {"Titlecase_Letter", "Lt"},
                                                                                    {"Modifier_Letter", "Lm"},
                                                                                    {"Other_Letter", "Lo"},
                                                                                    {"Mark", "M"},
                                                                                    {"Combining_Mark", "M"},
                                                                                    {"Nonspacing_Mark", "Mn"},
                                                                                    {"Spacing_Mark", "Mc"},
                                                                                    {"Enclosing_Mark", "Me"},
                                                                                    {"Number", "N"},
                                                                                    {"Decimal_Number", "Nd"},
                                                                                    {"digit", "Nd"},
                                                                                    {"Letter_Number", "Nl"},
                                                                                    {"Other_Number", "No"},
                                                                                    {"Symbol", "S"},
                                                                                    {"Math_Symbol", "Sm"},
                                                                                    {"Currency_Symbol", "Sc"},
                                                                                    {"Modifier_Symbol", "Sk"},
                                                                                    {"Other_Symbol", "So"},
                                                                                    {"Punctuation", "P"},
                                                                                    {"punct", "P"},
                                                                                    {"Connector_Punctuation", "Pc"},
                                                                                    {"Dash_Punctuation", "Pd"},
                                                                                    {"Open_Punctuation", "Ps"},
                                                                                    {"Close_Punctuation", "Pe"},
                                                                                    {"Initial_Punctuation", "Pi"},
                                                                                    {"Final_Punctuation", "Pf"},
                                                                                    {"Other_Punctuation", "Po"},
                                                                                    {"Separator", "Z"},
                                                                                    {"Space_Separator", "Zs"},
                                                                                    {"Line_Separator", "Zl"},
                                                                                    {"Paragraph_Separator", "Zp"},
                                                                                    {"Other", "C"},
                                                                                    {"Control", "Cc"},
                                                                                    {"cntrl", "Cc"},
                                                                                    {"Format", "Cf"},
                                                                                    {"Surrogate", "Cs"},
                                                                                    {"Private_Use", "Co"},
                                                                                    {"Unassigned", "Cn"}}};

class translator {
public:
  explicit translator(std::string_view pattern) : in_(pattern) {}

  boost::system::result<std::string, regex_error> run() {
    disjunction(0);
    if (!error_ && at_ < in_.size()) fail(regex_fault::syntax, "an unmatched )");
    if (error_) return *error_;
    if (unsupported_) return *unsupported_;
    return std::move(out_);
  }

private:
  static constexpr int max_nesting = 200;

  bool more() const { return at_ < in_.size() && !error_; }
  bool next_is(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool take(std::string_view text) {
    if (!next_is(text)) return false;
    at_ += text.size();
    return true;
  }

  void fail(regex_fault fault, std::string_view what) {
    auto& slot = fault == regex_fault::syntax ? error_ : unsupported_;
    if (!slot) slot = regex_error{fault, fmt::format("{} at character {}", what, at_ + 1)};
  }

  void disjunction(int depth) {
    if (depth > max_nesting) return fail(regex_fault::syntax, "groups nested too deep");
    while (more() && !next_is(")")) {
      if (take("|"))
        out_ += '|';
      else
        term(depth);
    }
  }

  void term(int depth) {
    const char c = in_[at_];
    if (c == '^' || c == '$') {
      out_ += in_[at_++];
      return;
    }
    if (c == '*' || c == '+' || c == '?' || c == '{') return fail(regex_fault::syntax, "a quantifier with nothing before it");
    if (c == '}' || c == ']') return fail(regex_fault::syntax, fmt::format("a lone {0}; write \\{0} for the character,", c));
    if (c == '(') {
      if (!group(depth)) return;
    } else if (c == '[') {
      character_class();
    } else if (c == '.') {
      ++at_;
      out_ += no_line_end;
    } else if (c == '\\') {
      ++at_;
      if (take("b") || take("B")) {
        out_ += '\\';
        out_ += in_[at_ - 1];
        return;
      }
      escape(false);
    } else {
      character();
    }
    quantifier();
  }

  // One character of UTF-8, as it is.
  void character() {
    do out_ += in_[at_++];
    while (at_ < in_.size() && (static_cast<unsigned char>(in_[at_]) & 0xc0U) == 0x80U);
  }

  // Whether a quantifier may follow.
  bool group(int depth) {
    ++at_;
    bool repeatable = true;
    for (const std::string_view look : {"?=", "?!", "?<=", "?<!"}) {
      if (!take(look)) continue;
      fail(regex_fault::unsupported, "look-ahead and look-behind cannot be matched in linear time: the assertion that ends");
      repeatable = false;
    }
    if (repeatable && take("?<")) {
      const auto end = in_.find('>', at_);
      if (end == std::string_view::npos || end == at_)
        fail(regex_fault::syntax, "a group's name without an end");
      else
        at_ = end + 1;
    } else if (repeatable && !take("?:") && next_is("?")) {
      fail(regex_fault::syntax, "a group that ECMA-262 does not know");
    }
    out_ += "(?:";
    disjunction(depth + 1);
    if (!take(")")) fail(regex_fault::syntax, "a ( without its )");
    out_ += ')';
    return repeatable;
  }

  void quantifier() {
    if (!more()) return;
    if (take("*") || take("+") || take("?")) {
      out_ += in_[at_ - 1];
    } else if (take("{")) {
      const auto low = number();
      std::optional<std::uint64_t> high = low;
      const bool range = take(",");
      if (range) high = number();
      if (!low || !take("}")) return fail(regex_fault::syntax, "a { that is no quantifier; write \\{ for the character");
      if (high && *high < *low) return fail(regex_fault::syntax, "a quantifier whose upper bound is below the lower one");
      if (*low > 1000 || (high && *high > 1000)) fail(regex_fault::unsupported, "more than 1000 repetitions");
      out_ += fmt::format("{{{}{}{}}}", *low, range ? "," : "", range && high ? std::to_string(*high) : "");
    } else {
      return;
    }
    if (take("?")) out_ += '?';
    if (more() && (next_is("*") || next_is("+") || next_is("?") || next_is("{")))
      fail(regex_fault::syntax, "two quantifiers in a row");
  }

  std::optional<std::uint64_t> number() {
    const std::size_t begin = at_;
    std::uint64_t value = 0;
    for (; at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '9'; ++at_) {
      if (value < 1'000'000) value = value * 10 + static_cast<std::uint64_t>(in_[at_] - '0');
    }
    return at_ == begin ? std::nullopt : std::optional(value);
  }

  void code_point(std::uint32_t value) { out_ += fmt::format("\\x{{{:x}}}", value); }

  std::optional<std::uint32_t> hex(std::size_t digits) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = at_ + i < in_.size() ? in_[at_ + i] : 'x';
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += digits;
    return value;
  }

  // Behind a backslash; `inside` a class.
  void escape(bool inside) {
    if (!more()) return fail(regex_fault::syntax, "a \\ at the end");
    const char c = in_[at_++];
    switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 't':
    case 'n':
    case 'v':
    case 'f':
    case 'r':
      out_ += '\\';
      out_ += c;
      return;
    case 's':
    case 'S':
      if (!inside) out_ += '[';
      out_ += c == 's' ? space : no_space;
      if (!inside) out_ += ']';
      return;
    case '0':
      if (more() && in_[at_] >= '0' && in_[at_] <= '9') return fail(regex_fault::syntax, "an octal escape");
      return code_point(0);
    case 'c': {
      const char letter = more() ? in_[at_] : '0';
      if (!((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')))
        return fail(regex_fault::syntax, "\\c without a letter");
      ++at_;
      return code_point(static_cast<std::uint32_t>(letter) & 31U);
    }
    case 'x': {
      const auto value = hex(2);
      return value ? code_point(*value) : fail(regex_fault::syntax, "\\x without two hexadecimal digits");
    }
    case 'u': return unicode_escape();
    case 'p':
    case 'P': return property(c);
    case 'k':
      return fail(next_is("<") ? (at_ = std::min(in_.size(), in_.find('>', at_)) + 1, regex_fault::unsupported)
                               : regex_fault::syntax,
                  "a back-reference cannot be matched in linear time: it ends");
    case 'b':
      if (inside) return code_point(8);
      break;
    default: break;
    }
    if (c >= '1' && c <= '9' && !inside) {
      while (more() && in_[at_] >= '0' && in_[at_] <= '9') ++at_;
      return fail(regex_fault::unsupported, "a back-reference cannot be matched in linear time: it ends");
    }
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) == std::string_view::npos && !(inside && c == '-')) {
      // Harmless without the "u" flag, and common: \-, \", \@, \_, \: and the like.
      const bool punctuation =
          static_cast<unsigned char>(c) < 0x80 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
      if (!punctuation) return fail(regex_fault::syntax, fmt::format("\\{} is no escape of ECMA-262", c));
    }
    if (c == '_' || c == ' ')
      out_ += c;
    else
      (out_ += '\\') += c;
  }

  void unicode_escape() {
    if (take("{")) {
      const std::size_t end = in_.find('}', at_);
      const std::size_t digits = end == std::string_view::npos ? 0 : end - at_;
      const auto value = digits >= 1 && digits <= 6 ? hex(digits) : std::nullopt;
      if (!value || *value > 0x10ffff || !take("}")) return fail(regex_fault::syntax, "\\u{…} without a code point");
      return code_point(*value);
    }
    auto value = hex(4);
    if (!value) return fail(regex_fault::syntax, "\\u without four hexadecimal digits");
    if (*value >= 0xd800 && *value < 0xdc00 && take("\\u")) {
      const auto low = hex(4);
      if (!low || *low < 0xdc00 || *low > 0xdfff)
        return fail(regex_fault::unsupported, "half a surrogate pair, which no JSON text of ours holds,");
      value = 0x10000 + ((*value - 0xd800) << 10U) + (*low - 0xdc00);
    } else if (*value >= 0xd800 && *value < 0xe000) {
      return fail(regex_fault::unsupported, "half a surrogate pair, which no JSON text of ours holds,");
    }
    code_point(*value);
  }

  void property(char p) {
    const std::size_t end = in_.find('}', at_);
    if (!take("{") || end == std::string_view::npos)
      return fail(regex_fault::syntax, fmt::format("\\{} without a {{property}}", p));
    std::string_view name = in_.substr(at_, end - at_);
    at_ = end + 1;
    if (const auto equals = name.find('='); equals != std::string_view::npos) name = name.substr(equals + 1);
    for (const auto& [known, letters] : categories) {
      if (name == known) name = letters;
    }
    if (name == "LC") {
      if (p == 'P') return fail(regex_fault::unsupported, "\\P{LC}");
      out_ += "\\p{Lu}\\p{Ll}\\p{Lt}";
      return;
    }
    out_ += fmt::format("\\{}{{{}}}", p, name);
  }

  void character_class() {
    ++at_;
    const bool negated = take("^");
    if (take("]")) {
      out_ += negated ? R"([\x00-\x{10ffff}])" : R"([^\x00-\x{10ffff}])";
      return;
    }
    out_ += negated ? "[^" : "[";
    while (more() && !next_is("]")) {
      if (take("\\")) {
        escape(true);
      } else if (next_is("[")) { // RE2 would read [: as the start of a POSIX class
        ++at_;
        out_ += "\\[";
      } else {
        character();
      }
    }
    if (!take("]")) fail(regex_fault::syntax, "a [ without its ]");
    out_ += ']';
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::optional<regex_error> error_, unsupported_;
};

} // namespace

void throw_exception_from_error(const regex_error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

boost::system::result<std::string, regex_error> to_re2(std::string_view pattern) { return translator(pattern).run(); }

boost::system::result<std::unique_ptr<RE2>, regex_error> compile_regex(std::string_view pattern) {
  auto translated = to_re2(pattern);
  if (!translated) return translated.error();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  auto compiled = std::make_unique<RE2>(*translated, options);
  if (!compiled->ok()) return regex_error{regex_fault::syntax, compiled->error()};
  return compiled;
}

} // namespace tocsin::schema::detail
