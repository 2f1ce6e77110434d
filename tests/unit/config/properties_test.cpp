// Whatever the bytes, loading ends, and what it says can be shown.
#include "config/print.hpp"
#include "config/utf8.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tocsin::config {
namespace {

void expect_sound(const std::string& text) {
  const auto result = load_yaml(text);
  if (result) {
    RC_ASSERT(!to_json(*result).empty());
    return;
  }
  RC_ASSERT(!result.error().empty());
  for (const auto& error : result.error()) {
    RC_ASSERT(!error.message.empty());
    const auto shown = to_text(error, "f");
    RC_ASSERT(utf8_fault(shown) == std::string::npos);
    RC_ASSERT(shown.find('\n') == std::string::npos);
  }
}

RC_GTEST_PROP(loading, ends_whatever_the_bytes, (const std::string& bytes)) { expect_sound(bytes); }

// Pieces of YAML and of configurations in any order.
RC_GTEST_PROP(loading, ends_whatever_the_order_of_its_pieces, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "kafka", "event", "endpoint", "dead_letter", "properties", "headers", "url", "timeout", "file", "when", ": ", ":", "- ",
      "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "&a ", "*a", "!!str ", "!x ", "|", ">-", "\"", "'", "#", "? ", "---",
      "...", "%YAML 1.2", "${A}", "${A:-b}", "$${", "15s", "off", "null", "~", "true", "0x1f", "1e400", "-0.0", "<<", "@", "`",
      "\t", "\r\n", "é", "\xF0\x9F\x98\x80"));
  std::string text;
  for (const auto& piece : pieces) text += piece;
  expect_sound(text);
}

// A good configuration with one byte changed.
RC_GTEST_PROP(loading, ends_whatever_is_done_to_a_good_file, ()) {
  std::string text(minimal);
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::arbitrary<char>();
  expect_sound(text);
}

} // namespace
} // namespace tocsin::config
