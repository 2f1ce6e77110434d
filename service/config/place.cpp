#include "config/place.hpp"

#include "config/utf8.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace tocsin::config {
namespace {

constexpr std::size_t longest_shown = 80;

std::string cut(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto step = utf8_sequence_length(text.substr(length));
    if (step == 0 || length + step > longest_shown) return std::string(text.substr(0, length)) + "…";
    length += step;
  }
  return std::string(text);
}

} // namespace

std::string shown(const boost::json::value& value) {
  switch (value.kind()) {
  case boost::json::kind::null: return "nothing";
  case boost::json::kind::array: return "a list";
  case boost::json::kind::object: return "a mapping";
  case boost::json::kind::string: return boost::json::serialize(boost::json::string(cut(value.get_string())));
  case boost::json::kind::double_: return fmt::format("{}", value.get_double());
  default: return boost::json::serialize(value);
  }
}

void place::refuse(const boost::json::value& value, std::string_view rule) const {
  auto text = shown(value);
  auto message = fmt::format("{} {}", text, rule);
  errors_->push_back({path_, std::move(text), std::move(message), line_of(doc_->lines, path_), {}});
}

void place::refuse(std::string_view message) const { refuse_name(message, {}); }

void place::refuse_name(std::string_view message, std::string meant) const {
  errors_->push_back({path_, "", std::string(message), line_of(doc_->lines, path_), std::move(meant)});
}

} // namespace tocsin::config
