#pragma once

#include "transform/json_e/parser.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::json_e {

// A template to nodes in the program's memory. Throws compile_failure, unless all faults are wanted: then they are collected.
class compiler {
public:
  explicit compiler(compilation& shared) : shared_(shared) {}
  node* compile(const boost::json::value& source);

private:
  using object = boost::json::object;

  // Around each node of the template: where it is, how deep, and what is bound there.
  struct place {
    std::string_view pointer;
    const binder* around;
    std::size_t depth;
  };

  node* compile(const boost::json::value& source, const place& at);
  node* compile_sound(const boost::json::value& source, const place& at);
  node* text(std::string_view source, const place& at);
  node* array(const boost::json::array& source, const place& at);
  node* plain_object(const object& source, const place& at);
  node* operator_object(std::string_view name, const object& source, const place& at);
  node* conditional(const object& source, const place& at);
  node* conditions(operation code, std::string_view name, const object& source, const place& at);
  node* let(const object& source, const place& at);
  node* iteration(operation code, std::string_view name, const object& source, const place& at);
  node* sort(const object& source, const place& at);
  node* with_operand(operation code, std::string_view name, const object& source, const place& at);
  std::vector<std::string_view> bound_names(const boost::json::value& bindings, bool& any) const;

  // The name of a member of an object that is no operator's.
  void name(member& made, std::string_view key, const place& at);
  std::vector<part> parts(std::string_view source, const place& at);
  // The expression in member `key` of an operator.
  expr* expression(const boost::json::value& source, std::string_view key, const place& at, std::string_view wanted);
  place inside(const place& at, std::string_view key);
  node* make(operation code, const place& at);
  // Foldable as far as the parts are.
  node* finish(node* made);
  void check_members(const object& source, std::initializer_list<std::string_view> allowed, std::string_view variables,
                     const place& at);
  [[noreturn]] void fail(std::string_view pointer, std::string message) const;
  // In a handler: collects the failure, or throws it on.
  void collect(compile_failure& failure) const;

  compilation& shared_;
};

// Evaluates what depends on no event, once; prepares what is written as it is. After this the program does not change.
void fold(program& made);

} // namespace tocsin::json_e
