// What needs no event is evaluated once, when a program is compiled; objects are prepared for being written in runs.
#include "transform/json_e/compiler.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/writer.hpp"

#include <algorithm>
#include <set>

namespace tocsin::json_e {
namespace {

// A constant that takes more is left to each event, within the limits for events.
constexpr limits folding = {.steps = 100'000, .memory = std::size_t{4} << 20, .output = std::size_t{256} << 10};

class folder {
public:
  explicit folder(program& made) : made_(made) {}

  void fold(expr* what) {
    if (what == nullptr || what->code == opcode::constant) return;
    if (what->foldable && becomes_constant(*what)) return;
    fold(what->left);
    fold(what->right);
    for (expr* each : what->items) fold(each);
  }

  void fold(node* what) {
    if (what == nullptr) return;
    if (what->foldable && becomes_constant(*what)) return;
    fold(what->expression);
    fold(what->operand);
    fold(what->body);
    fold(what->otherwise);
    for (node* each : what->items) fold(each);
    for (const part& each : what->parts) fold(each.expression);
    for (const member& each : what->members) {
      fold(each.condition);
      fold(each.item);
      for (const part& piece : each.name_parts) fold(piece.expression);
    }
    if (what->code == operation::object) make_runs(*what);
  }

private:
  static constexpr environment nothing{};

  bool becomes_constant(expr& what) {
    scratch_.reset();
    evaluator machine(made_, nothing, scratch_);
    const value result = machine.evaluate(what, nullptr);
    std::string text;
    // Writing it tells whether it is small enough to be copied, and no function.
    if (result.failed() || !append_json(text, result, folding)) return false;
    what.literal = made_.keep(result);
    what.code = opcode::constant;
    return true;
  }

  bool becomes_constant(node& what) {
    scratch_.reset();
    evaluator machine(made_, nothing, scratch_);
    const value result = machine.render(what, nullptr);
    if (result.failed()) return false;
    std::string text;
    if (!result.is_absent() && !append_json(text, result, folding)) return false;
    what.literal = what.code == operation::constant ? what.literal : made_.keep(result);
    what.text = made_.keep(text);
    what.code = operation::constant;
    return true;
  }

  void make_runs(node& what) {
    std::set<std::string_view> names;
    for (const member& each : what.members)
      if (!each.name_parts.empty() || !names.insert(each.name).second) return;
    std::vector<run> runs;
    std::string text;
    for (const member& each : what.members) {
      std::string name = ",";
      append_quoted(name, each.name);
      name += ':';
      if (each.item->code != operation::constant) {
        runs.push_back({made_.keep(text + name), name.size(), each.item});
        text.clear();
      } else if (!each.item->literal.is_absent()) {
        text.append(name).append(each.item->text);
      }
    }
    if (!text.empty()) runs.push_back({made_.keep(text), 0, nullptr});
    what.runs = made_.make_array(runs);
  }

  program& made_;
  scratch scratch_{folding};
};

} // namespace

void fold(program& made) {
  folder pass(made);
  pass.fold(made.expression);
  pass.fold(made.root);
}

} // namespace tocsin::json_e
