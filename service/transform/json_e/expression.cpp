#include "transform/json_e/expression.hpp"

#include "transform/json_e/compiler.hpp"
#include "transform/json_e/evaluator.hpp"

#include <limits>

namespace tocsin::json_e {

compiled<expression> expression::compile(std::string_view text, const vocabulary& names, const limits& bounds) {
  auto made = std::make_unique<program>(std::numeric_limits<std::uint32_t>::max());
  made->reserved = names.reserved;
  made->source = text;
  compilation shared{*made, names, bounds};
  try {
    made->expression = parser(shared, nullptr, made->source, "").parse_all();
    fold(*made);
  } catch (compile_failure& failure) {
    return std::move(failure.error);
  }
  return expression(std::move(made));
}

expression::expression(std::unique_ptr<const program> compiled) : program_(std::move(compiled)) {}
expression::expression(expression&&) noexcept = default;
expression& expression::operator=(expression&&) noexcept = default;
expression::~expression() = default;

evaluated<value> expression::evaluate(const environment& names, scratch& memory) const {
  evaluator machine(*program_, names, memory);
  if (!machine.ready()) return std::move(machine.error);
  const value result = machine.evaluate(*program_->expression, nullptr);
  if (result.failed()) return std::move(machine.error);
  return result;
}

evaluated<bool> expression::test(const environment& names, scratch& memory) const {
  const auto result = evaluate(names, memory);
  if (!result) return result.error();
  return result->truthy();
}

evaluated<std::string> expression::text(const environment& names, scratch& memory) const {
  evaluator machine(*program_, names, memory);
  if (!machine.ready()) return std::move(machine.error);
  const value result = machine.evaluate(*program_->expression, nullptr);
  if (result.failed()) return std::move(machine.error);
  const auto text = machine.text_of(result, evaluator::null_is::word);
  if (!text) return std::move(machine.error);
  return std::string(*text);
}

bool expression::uses(std::string_view name) const { return program_->used_names.contains(name); }
const std::string& expression::source() const noexcept { return program_->source; }

} // namespace tocsin::json_e
