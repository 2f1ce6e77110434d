#pragma once

#include "transform/json_e/expression.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/template.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

// Templates and expressions over contexts written as JSON text, and their results as JSON text.
namespace tocsin::json_e::test {

using namespace std::chrono;

inline constexpr auto now = sys_days(year(2017) / January / 19) + 16h + 27min + 20s + 974ms;

// A JSON text that lives as long as the test.
class document {
public:
  explicit document(std::string_view text) : value_(read(text)) {}
  const boost::json::value& value() const { return value_; }

private:
  boost::json::value read(std::string_view text) {
    auto done = json_reader(5000).read(text, boost::json::storage_ptr(memory_.get()));
    if (!done) throw std::runtime_error(fmt::format("{}: {}", done.error().message, text));
    return std::move(*done);
  }
  std::unique_ptr<boost::json::monotonic_resource> memory_ = std::make_unique<boost::json::monotonic_resource>();
  boost::json::value value_;
};

// The result's JSON text, or "error: " and the message with its pointer, or "refused: " and the compile error.
inline std::string render(std::string_view source, std::string_view context = "{}", const vocabulary& names = vocabulary::open(),
                          const limits& bounds = {}) {
  const document origin(source), members(context);
  auto made = template_document::compile(origin.value(), names, bounds);
  if (!made) return "refused: " + made.error().to_string();
  const boost::json::value* reserved[] = {&members.value(), nullptr, nullptr};
  const environment where{members.value().if_object(), reserved, now};
  scratch memory(bounds);
  std::string text = "kept:";
  const auto written = made->render_to(where, memory, text);
  if (!written) {
    EXPECT_EQ(text, "kept:") << "a failure leaves the text as it was";
    memory.reset();
    EXPECT_FALSE(made->render(where, memory)) << "render() and render_to() agree";
    return "error: " + written.error().to_string();
  }
  memory.reset();
  const auto value = made->render(where, memory);
  EXPECT_TRUE(value) << value.error().to_string();
  return text.substr(5);
}

inline std::string evaluate(std::string_view source, std::string_view context = "{}",
                            const vocabulary& names = vocabulary::open()) {
  boost::json::object wrapped;
  wrapped["$eval"] = boost::json::string_view(source.data(), source.size());
  return render(boost::json::serialize(wrapped), context, names);
}

} // namespace tocsin::json_e::test
