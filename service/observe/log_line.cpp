#include "observe/log_line.hpp"

#include "config/utf8.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace tocsin::observe::log {
namespace {

constexpr std::size_t text_limit = 1000;
constexpr std::size_t line_limit = 16 * 1024;
// What one field may add at most: every byte escaped as \u00xx, name and punctuation aside.
constexpr std::size_t field_limit = 6 * text_limit + 200;

void append_character(std::string& out, std::string_view character) {
  const auto code = static_cast<unsigned char>(character[0]);
  switch (code) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  if (code < 0x20 || code == 0x7F) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  } else if (code == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0) { // C1 controls steer terminals
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(character[1]));
  } else {
    out += character;
  }
}

bool is_plain(std::string_view text) noexcept {
  if (text.empty() || text.size() > text_limit) return false;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code <= 0x20 || code >= 0x7F || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, text_limit);
  out += '"';
}

struct value_writer {
  std::string& out;
  line_style style;

  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(double value) const {
    if (std::isfinite(value)) {
      fmt::format_to(std::back_inserter(out), "{}", value);
    } else {
      append_quoted(out, std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"); // JSON has no such numbers
    }
  }
  void operator()(std::string_view value) const {
    if (style != line_style::json && is_plain(value))
      out += value;
    else
      append_quoted(out, value);
  }
  void operator()(std::integral auto value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
};

void append_time(std::string& out, std::chrono::system_clock::time_point time, line_style style) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - whole).count();
  const auto utc = fmt::gmtime(std::chrono::system_clock::to_time_t(whole));
  if (style == line_style::json) {
    fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:06}Z", utc, micros);
  } else {
    fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, micros / 1000);
  }
}

std::string_view colour(log_level level) noexcept {
  switch (level) {
  case log_level::error: return "\x1b[31m";
  case log_level::warning: return "\x1b[33m";
  case log_level::info: return "\x1b[32m";
  default: return "\x1b[2m";
  }
}

std::string render_json(const line& line) {
  std::string out = R"({"time":")";
  append_time(out, line.time, line_style::json);
  fmt::format_to(std::back_inserter(out), R"(","level":"{}")", to_string(line.level));
  if (line.audit) out += R"(,"audit":true)";
  out += R"(,"message":)";
  append_quoted(out, line.message);
  for (const auto& f : line.fields) {
    if (out.size() + field_limit > line_limit) {
      out += R"(,"truncated":true)";
      break;
    }
    out += ",\"";
    append_escaped(out, f.name(), 100);
    out += "\":";
    std::visit(value_writer{out, line_style::json}, f.value());
  }
  out += "}\n";
  return out;
}

std::string render_text(const line& line, line_style style) {
  std::string out;
  append_time(out, line.time, style);
  const bool coloured = style == line_style::coloured_text;
  const auto level = line.audit ? std::string_view("audit") : to_string(line.level);
  fmt::format_to(std::back_inserter(out), " {}{:<7}{} ", coloured ? colour(line.level) : "", level, coloured ? "\x1b[0m" : "");
  append_escaped(out, line.message, text_limit);
  for (const auto& f : line.fields) {
    if (out.size() + field_limit > line_limit) {
      out += " truncated=true";
      break;
    }
    out += ' ';
    append_escaped(out, f.name(), 100);
    out += '=';
    std::visit(value_writer{out, style}, f.value());
  }
  out += '\n';
  return out;
}

} // namespace

void append_escaped(std::string& out, std::string_view text, std::size_t limit) {
  std::size_t taken = 0;
  while (taken < text.size()) {
    const auto rest = text.substr(taken);
    const auto length = config::utf8_sequence_length(rest);
    const auto step = length == 0 ? 1 : length;
    if (taken + step > limit) {
      out += "…";
      return;
    }
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      append_character(out, rest.substr(0, length));
    taken += step;
  }
}

std::string render(const line& line, line_style style) {
  return style == line_style::json ? render_json(line) : render_text(line, style);
}

} // namespace tocsin::observe::log
