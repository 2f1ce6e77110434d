#include "cli/transform_line.hpp"

#include "transform/json_e/writer.hpp"
#include "transform/kafka_context.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace tocsin::cli {

namespace {

constexpr std::string_view green = "\x1b[32m", yellow = "\x1b[33m", red = "\x1b[31m", dim = "\x1b[2m", plain = "\x1b[0m";
constexpr std::size_t shown = 160;

std::string quoted_text(std::string_view text) {
  std::string result;
  json_e::append_quoted(result, transform::replaced_utf8(text));
  return result;
}

std::string cut(std::string_view text) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U && count++ == shown) return std::string(text.substr(0, at)) + "…";
  }
  return std::string(text);
}

} // namespace

transform_line::transform_line(header_list headers, bool colours) : colours_(colours) {
  headers_ = "{";
  for (const auto& [name, value] : headers) {
    if (headers_.size() > 1) headers_ += ',';
    headers_ += quoted_text(name) + ":" + quoted_text(value);
  }
  headers_ += '}';
}

std::string transform_line::of(std::uint64_t line, const transform::record_view& record, const transform::verdict& v) {
  std::string result = fmt::format(R"({{"line":{},"outcome":)", line);
  switch (v.kind) {
  case transform::verdict_kind::deliver:
    result += painted(R"("deliver")", green);
    result += R"(,"order_key":)";
    result += v.order_key ? quoted_text(*v.order_key) : "null";
    result += R"(,"headers":)";
    result += headers_;
    result += R"(,"body":)";
    append_body(result, record, v);
    break;
  case transform::verdict_kind::skip:
    result += painted(R"("skip")", yellow);
    result += R"(,"as":)";
    result += quoted_text(v.rule);
    break;
  case transform::verdict_kind::refuse:
    result += painted(R"("refuse")", red);
    result += fmt::format(R"(,"reason":"{}","detail":{})", transform::to_string(v.reason), painted(quoted_text(v.detail), red));
    break;
  }
  result += '}';
  return result;
}

void transform_line::append_body(std::string& to, const transform::record_view& record, const transform::verdict& v) {
  const std::string_view body = body_of(record, v);
  bool is_json = v.mapped;
  if (!is_json) {
    boost::json::monotonic_resource memory;
    is_json = reader_.read(body, boost::json::storage_ptr(&memory)).has_value();
  }
  if (is_json)
    to += body;
  else
    to += quoted_text(body);
}

std::string transform_line::explained(std::string_view pointer, std::string_view value) const {
  const std::string text = value.empty() ? painted("(left out)", dim) : cut(value);
  return fmt::format("  {}  {}", painted(pointer.empty() ? "(body)" : pointer, dim), text);
}

std::string transform_line::painted(std::string_view text, std::string_view colour) const {
  return colours_ ? fmt::format("{}{}{}", colour, text, plain) : std::string(text);
}

std::string_view body_of(const transform::record_view& record, const transform::verdict& v) {
  return v.mapped ? std::string_view(v.body) : record.value.value_or(std::string_view());
}

} // namespace tocsin::cli
