#pragma once

#include "transform/json_e/diagnostics.hpp"
#include "transform/json_e/environment.hpp"
#include "transform/json_e/value.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tocsin::json_e {

class program;

// One JSON-e expression, compiled once, evaluated for every event: a skip rule, an order key, a condition on an answer.
// Immutable after compile(); evaluations in several threads need a scratch each.
class expression {
public:
  static compiled<expression> compile(std::string_view text, const vocabulary& names, const limits& bounds = {});

  expression(expression&&) noexcept;
  expression& operator=(expression&&) noexcept;
  ~expression();

  // Linear in what it visits, within scratch::bounds. Never throws.
  evaluated<value> evaluate(const environment& names, scratch& memory) const;
  // As a condition, by JSON-e's truthiness.
  evaluated<bool> test(const environment& names, scratch& memory) const;
  // As text, as `str` writes it: for order keys. Arrays and objects are refused; null is "null".
  evaluated<std::string> text(const environment& names, scratch& memory) const;

  // Whether evaluating may look at this reserved name, member or function: what nobody asks for need not be built. Where an
  // object as a whole is used under another name (`event`), its members are not counted.
  [[nodiscard]] bool uses(std::string_view name) const;
  const std::string& source() const noexcept;

private:
  explicit expression(std::unique_ptr<const program> compiled);
  std::unique_ptr<const program> program_;
};

} // namespace tocsin::json_e
