#include "transform/json_e/writer.hpp"

#include "transform/json_e/containers.hpp"
#include "transform/json_e/json_reader.hpp"

#include <charconv>
#include <cstring>

namespace tocsin::json_e {
namespace {

// The bytes of a word that are below 0x20, a quote or a backslash have their top bit set in the result (and perhaps bytes after
// the first of these: enough to find the first).
std::uint64_t special_bytes(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
  constexpr std::uint64_t tops = ones * 0x80U;
  const auto zero_bytes = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes & tops; };
  const std::uint64_t control = (word - ones * 0x20U) & ~word & tops;
  return control | zero_bytes(word ^ ones * '"') | zero_bytes(word ^ ones * '\\');
}

bool is_special(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

const char* first_special(const char* from, const char* end) noexcept {
  for (std::uint64_t word = 0; end - from >= 8; from += 8) {
    std::memcpy(&word, from, sizeof word);
    if (special_bytes(word) != 0) break;
  }
  while (from != end && !is_special(*from)) ++from;
  return from;
}

void append_escaped_char(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\b': out += "\\b"; return;
  case '\f': out += "\\f"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4U];
  out += digits[static_cast<unsigned char>(c) & 0xFU];
}

template <class Number>
void append_chars(std::string& out, Number number) {
  char buffer[32];
  const auto [end, fault] = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, end);
}

class json_writer {
public:
  json_writer(std::string& out, const limits& bounds, number_style style)
      : out_(out), start_(out.size()), bounds_(bounds), style_(style) {}

  bool write(const value& item, std::size_t depth) {
    switch (item.kind()) {
    case value::kind::null: out_ += "null"; break;
    case value::kind::boolean: out_ += item.as_bool() ? "true" : "false"; break;
    case value::kind::int64: append_number(out_, item.as_int64()); break;
    case value::kind::uint64: append_number(out_, item.as_uint64()); break;
    case value::kind::real:
      style_ == number_style::typed ? append_number(out_, item.as_real()) : append_plain(out_, item.as_real());
      break;
    case value::kind::marked: return marked(item);
    case value::kind::string: return text(item.as_string());
    case value::kind::array:
    case value::kind::json_array: return array(item, depth);
    case value::kind::object: return object(item.as_object(), depth);
    case value::kind::json_object: return object(item.as_json_object(), depth);
    case value::kind::function: return fail("the result contains a function that is not called");
    case value::kind::absent:
    case value::kind::failed: return fail("the result contains a part that was left out where it cannot be");
    }
    return room();
  }

  std::string fault;

private:
  bool fail(std::string why) {
    fault = std::move(why);
    return false;
  }
  bool room(std::size_t more = 0) {
    if (out_.size() - start_ + more <= bounds_.output) [[likely]]
      return true;
    return fail("the result is larger than " + std::to_string(bounds_.output) + " bytes");
  }
  bool deep(std::size_t depth) {
    if (depth < bounds_.value_depth) [[likely]]
      return false;
    fail("the result is nested deeper than " + std::to_string(bounds_.value_depth) + " levels");
    return true;
  }
  bool text(std::string_view string) {
    if (!room(string.size())) return false;
    append_quoted(out_, string);
    return true;
  }
  bool marked(const value& item) {
    const std::string_view number = marked_text(item.as_real());
    if (!item.is_verbatim()) {
      const bool integer = range_of(item.as_real()) == out_of_range::integer;
      return fail("the number " + std::string(number.substr(0, 80)) + (number.size() > 80 ? "…" : "") +
                  (integer ? " is an integer beyond 64 bits" : " is out of a double's range") +
                  " and cannot be passed on exactly");
    }
    if (!room(number.size())) return false;
    out_ += number;
    return true;
  }
  bool array(const value& item, std::size_t depth) {
    if (deep(depth)) return false;
    const std::size_t count = item.size();
    out_ += '[';
    for (std::size_t at = 0; at < count; ++at) {
      if (at != 0) out_ += ',';
      if (!write(item.element(at), depth + 1)) return false;
    }
    out_ += ']';
    return room();
  }
  bool member(std::string_view name, const value& item, std::size_t depth) {
    if (!text(name)) return false;
    out_ += ':';
    if (!write(item, depth + 1)) return false;
    out_ += ',';
    return true;
  }
  bool close_object(bool any) {
    if (any)
      out_.back() = '}';
    else
      out_ += '}';
    return room();
  }
  bool object(const value_dict& members, std::size_t depth) {
    if (deep(depth)) return false;
    out_ += '{';
    for (const value_member& each : members.items)
      if (!member(each.name, each.item, depth)) return false;
    return close_object(!members.items.empty());
  }
  bool object(const boost::json::object& members, std::size_t depth) {
    if (deep(depth)) return false;
    out_ += '{';
    for (const auto& each : members)
      if (!member({each.key().data(), each.key().size()}, value::of(each.value()), depth)) return false;
    return close_object(!members.empty());
  }

  std::string& out_;
  const std::size_t start_;
  const limits& bounds_;
  const number_style style_;
};

} // namespace

void append_escaped(std::string& out, std::string_view text) {
  const char* from = text.data();
  const char* const end = from + text.size();
  for (;;) {
    const char* const stop = first_special(from, end);
    out.append(from, stop);
    if (stop == end) return;
    append_escaped_char(out, *stop);
    from = stop + 1;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_number(std::string& out, std::int64_t number) { append_chars(out, number); }
void append_number(std::string& out, std::uint64_t number) { append_chars(out, number); }

void append_number(std::string& out, double number) {
  const std::size_t start = out.size();
  append_chars(out, number);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

// ECMAScript, Number::toString: the shortest digits, a plain number from 1e-6 up to below 1e21, an exponent otherwise.
void append_plain(std::string& out, double number) {
  if (number == 0) {
    out += '0';
    return;
  }
  char buffer[32];
  const auto [end, fault] = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1; // digits before the point
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    out.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".").append(digits, static_cast<std::size_t>(point));
  }
}

evaluated<void> append_json(std::string& out, const value& item, const limits& bounds, number_style style) {
  json_writer writer(out, bounds, style);
  if (!writer.write(item, 0)) return evaluation_error{"", std::move(writer.fault)};
  return {};
}

} // namespace tocsin::json_e
