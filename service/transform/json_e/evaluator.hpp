#pragma once

#include "transform/json_e/containers.hpp"
#include "transform/json_e/diagnostics.hpp"
#include "transform/json_e/environment.hpp"
#include "transform/json_e/numbers.hpp"
#include "transform/json_e/program.hpp"
#include "transform/json_e/template.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::json_e {

// The variables that a $let or each(..) binds, within those around it.
struct frame {
  const frame* outer = nullptr;
  std::span<const std::string_view> names; // of each(..)
  const value* values = nullptr;
  value bindings; // of $let: an object
};

// One evaluation of one program for one event. Whatever fails gives value::failure() and leaves the reason in `error`, the first
// one winning; everything passes a failure on at once. Recursion is as deep as the program, which compiling has limited.
class evaluator {
public:
  evaluator(const program& code, const environment& names, scratch& memory,
            const template_document::explain_hook* explain = nullptr) noexcept
      : code_(code), names_(names), scratch_(memory), steps_left_(memory.bounds.steps), explain_(explain) {}

  value evaluate(const expr& what, const frame* scope);
  value render(const node& what, const frame* scope);

  enum class written { yes, nothing, failed };
  // Appends the JSON text of what render() would give; `nothing` and no text where it is absent.
  written write(const node& what, const frame* scope, std::string& out);
  // Appends a value that is there.
  written write(const value& item, std::string& out);

  // The checks that come before everything else: names that must be identifiers.
  bool ready();

  // --- for the functions ---
  value fail(std::string message);
  // Charges for visiting `count` things; false, and failed, beyond the limit.
  bool spend(std::uint64_t count = 1) {
    if (steps_left_ >= count) [[likely]] {
      steps_left_ -= count;
      return true;
    }
    return out_of_steps();
  }
  const limits& bounds() const noexcept { return scratch_.bounds; }
  arena& memory() noexcept { return scratch_.memory; }
  json_reader& reader() noexcept { return scratch_.reader; }
  const environment& names() const noexcept { return names_; }
  // Null, and failed, where the memory is at its limit.
  template <class T>
  T* allocate(std::size_t count) {
    T* place = scratch_.memory.try_allocate_array<T>(count);
    if (place == nullptr) (void)out_of_memory();
    return place;
  }
  value out_of_memory() {
    return fail("the evaluation takes more than the " + std::to_string(bounds().memory) + " bytes of memory allowed");
  }
  // A copy of the text, or what joins two.
  value make_text(std::string_view text, std::string_view more = {});
  // The elements are in the evaluation's memory already.
  value make_array(std::span<const value> items);
  // The members are copied; the last one of a name stays.
  value make_dict(std::span<const value_member> members);

  // A variable by JSON-e's rules; absent where there is none.
  value variable(std::string_view name, const frame* scope) const;
  // A reserved name, absent where the environment has none.
  value reserved(std::size_t slot) const noexcept;
  // Whether defined() says so: bound, reserved, a member, or of the language.
  bool is_defined(std::string_view name, const frame* scope) const;
  // What `now` is when nothing hides it.
  value now();
  // The instant `span` away from `reference`, or where that is absent or null from what `now` is in this scope.
  value from_now(const value& span, value reference, const frame* scope);

  // As interpolation writes it (null is ""), or as str() does (null is "null"). Nothing, and failed, for arrays and objects.
  enum class null_is { empty, word };
  std::optional<std::string_view> text_of(const value& item, null_is null);

  // Deep, numbers by value. Nothing, and failed, where it cannot be told.
  std::optional<bool> equal(const value& left, const value& right, std::size_t depth = 0);
  // Of two numbers or two strings (by code points). Nothing, and failed, otherwise.
  std::optional<std::strong_ordering> order(const value& left, const value& right, std::string_view what);

  evaluation_error error;

private:
  bool out_of_steps(); // false, and failed
  value binary(const expr& what, const frame* scope);
  value arithmetic_of(const expr& what, const value& left, const value& right);
  value contains(const expr& what, const value& left, const value& right);
  value index(const expr& what, const frame* scope);
  value slice(const expr& what, const frame* scope);
  value invoke(const expr& what, const function& callee, const frame* scope);
  value make_object(const expr& what, const frame* scope);
  bool bound(std::string_view name, const frame* scope, value& found) const;

  value render_node(const node& what, const frame* scope);
  value render_text(std::span<const part> parts, const frame* scope);
  value render_array(const node& what, const frame* scope);
  value render_object(const node& what, const frame* scope);
  value render_switch(const node& what, const frame* scope);
  value render_match(const node& what, const frame* scope);
  value render_map(const node& what, const frame* scope);
  value map_object(const node& what, const value& source, const frame* scope);
  value render_reduce(const node& what, const frame* scope);
  value render_find(const node& what, const frame* scope);
  value render_sort(const node& what, const frame* scope);
  value render_merge(const node& what, const frame* scope);
  value merge_deep(const value& left, const value& right, std::size_t depth);
  value render_flatten(const node& what, const frame* scope);
  enum class levels { one, all };
  bool flatten(const value& source, std::size_t levels_left, levels which, std::vector<value>& out);
  value render_from_now(const node& what, const frame* scope);
  value render_json(const node& what, const frame* scope);
  // The operand of an operator that wants an array.
  value array_operand(const node& what, const frame* scope, std::string_view operator_name);
  // The one member of a $switch to be taken, null for none; false: failed.
  bool chosen(const node& what, const frame* scope, const node*& taken);
  bool let_frame(const node& what, const frame* scope, frame& inner);

  written write_node(const node& what, const frame* scope, std::string& out);
  written write_text(const node& what, const frame* scope, std::string& out);
  written write_array(const node& what, const frame* scope, std::string& out);
  written write_runs(const node& what, const frame* scope, std::string& out);
  written write_map(const node& what, const value& source, const frame* scope, std::string& out);
  bool has_room(const std::string& out);

  const program& code_;
  const environment& names_;
  scratch& scratch_;
  std::uint64_t steps_left_;
  const template_document::explain_hook* explain_;
  std::size_t output_start_ = 0;

public:
  void starts_at(std::size_t output_start) noexcept { output_start_ = output_start; }
};

} // namespace tocsin::json_e
