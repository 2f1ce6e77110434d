#pragma once

#include "transform/json_e/diagnostics.hpp"
#include "transform/json_e/environment.hpp"
#include "transform/json_e/program.hpp"
#include "transform/json_e/tokens.hpp"

#include <string_view>
#include <vector>

namespace tocsin::json_e {

// What $let and each(..) around an expression can bind.
struct binder {
  const binder* outer = nullptr;
  std::vector<std::string_view> names;
  bool any = false; // names that only an event tells
  bool binds(std::string_view name) const noexcept;
};

// What compiling one program shares.
struct compilation {
  program& made;
  const vocabulary& names;
  const limits& bounds;
  std::vector<compile_error>* faults = nullptr; // where all are wanted: the program that comes of it is of no use
};

// Thrown inside compile(), which turns it into its result.
struct compile_failure {
  compile_error error;
};

// An expression's text to nodes in the program's memory. Names are resolved as far as they can be.
class parser {
public:
  // `source` is in the program's memory. `pointer`: where the expression stands in the template, for errors.
  parser(compilation& shared, const binder* around, std::string_view source, std::string_view pointer, std::size_t start = 0);

  // The whole source.
  expr* parse_all();
  // Up to the brace that ends an interpolation; `end` is the byte after it.
  expr* parse_interpolation(std::size_t& end);

private:
  expr* parse(std::size_t level, std::size_t depth);
  expr* postfix(std::size_t depth);
  expr* unit(std::size_t depth);
  expr* unary(std::size_t depth);
  expr* number(const token& literal);
  expr* name(const token& identifier);
  expr* list(std::size_t depth);
  expr* object(std::size_t depth);
  expr* call(expr* callee, std::size_t depth);
  expr* call_by_name(const token& name);
  expr* brackets(expr* whole, std::size_t depth);
  void check_call(expr& made, const token& at);
  void check_member(const expr& whole, std::string_view name, std::size_t start) const;
  void check_pattern(expr& made, const token& at);

  expr* make(opcode code, const token& first);
  expr* binary(opcode code, expr* left, expr* right);
  // The node's depth and foldability from its operands', its source up to what has been read.
  expr* finish(expr* made, std::initializer_list<expr*> operands);
  bool starts_expression() const noexcept;
  token take();
  token expect(token_kind kind, std::string_view wanted);
  [[noreturn]] void fail(std::size_t at, std::string message) const;
  [[noreturn]] void unexpected(std::string_view wanted) const;

  compilation& shared_;
  const binder* around_;
  std::string_view source_;
  std::string_view pointer_;
  tokenizer tokens_;
  token current_;
  std::size_t read_ = 0; // the byte after the last token taken
};

} // namespace tocsin::json_e
