#include "transform/schema/compiler.hpp"

#include "transform/schema/keywords.hpp"
#include "transform/schema/regex.hpp"
#include "transform/schema/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <unordered_map>

namespace tocsin::schema::detail {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> type_names{{{"null", null_bit},
                                                                               {"boolean", boolean_bit},
                                                                               {"integer", integer_bit},
                                                                               {"number", number_bits},
                                                                               {"string", string_bit},
                                                                               {"array", array_bit},
                                                                               {"object", object_bit}}};

class compiler {
public:
  compiler(library& documents, const schema_options& options, std::vector<schema_error>* faults)
      : documents_(documents), options_(options), faults_(faults) {
    program_->max_steps = options.max_steps;
    program_->nearest = options.nearest;
    program_->seed = (std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}();
  }

  std::shared_ptr<const program> run() {
    program_->root = node_of(documents_.root());
    while (!pending_.empty()) {
      const auto [number, where] = std::move(pending_.back());
      pending_.pop_back();
      attempt([&, at = number] { compile(at, where); });
    }
    if (faults_ == nullptr || faults_->empty()) refuse_endless_references();
    for (std::uint32_t i = 0; i < documents_.size(); ++i)
      program_->documents.push_back(i == 0 ? std::string() : documents_.name(i));
    return program_;
  }

private:
  // Does a part of the work. Where all faults are wanted, a failure is collected and the other parts go on.
  template <class Part>
  void attempt(Part part) {
    constexpr std::size_t most = 100;
    try {
      part();
    } catch (compile_failure& failure) {
      if (faults_ == nullptr || faults_->size() == most) throw;
      faults_->push_back(std::move(failure.error));
    }
  }

  // The node of the schema at `where`, which is compiled later; a reference is the node that it leads to.
  index node_of(const location& where) {
    index result = 0;
    attempt([&] { result = known_node_of(where); });
    return result;
  }

  index known_node_of(location where) {
    const location start = where;
    for (std::size_t hops = 0;; ++hops) {
      const json::object* schema = where.value->if_object();
      const json::value* reference = schema ? schema->if_contains("$ref") : nullptr;
      if (!reference) break;
      if (!reference->is_string())
        throw documents_.failure(where, "$ref", fmt::format("is {}, must be a string", kind_name(*reference)));
      if (hops == 1000) throw documents_.failure(start, "$ref", "refers to itself and never to a schema");
      where = documents_.resolve(where, std::string_view(reference->get_string()));
    }
    if (!where.value->is_object() && !where.value->is_bool()) {
      throw documents_.failure(where, "",
                               fmt::format("is {}, must be a schema: an object, true or false", kind_name(*where.value)));
    }
    const auto [known, is_new] = nodes_.try_emplace(where.value, static_cast<index>(program_->nodes.size()));
    if (is_new) {
      program_->nodes.emplace_back();
      places_.push_back(where);
      pending_.emplace_back(known->second, std::move(where));
    }
    return known->second;
  }

  void compile(index number, const location& where) {
    node n;
    n.document = where.document;
    n.pointer = where.pointer;
    const json::object* schema = where.value->if_object();
    if (!schema) {
      n.never = !where.value->get_bool();
    } else {
      const keywords k(documents_, where);
      attempt([&] { k.refuse_other_drafts(); });
      attempt([&] { types(k, n); });
      attempt([&] { numeric(k, n); });
      attempt([&] { string(k, n); });
      attempt([&] { array(k, n); });
      attempt([&] { object(k, n); });
      attempt([&] { general(k, n); });
      attempt([&] { // wrong ones are refused, used or not
        for (const auto& definition : k.map("definitions")) node_of(definition.second);
      });
    }
    program_->nodes[number] = std::move(n);
  }

  index child(const keywords& k, std::string_view keyword) {
    const json::value* v = k.find(keyword);
    return v ? node_of(k.below(keyword, *v)) : none;
  }

  std::vector<index> children(const keywords& k, std::string_view keyword) {
    std::vector<index> result;
    for (const auto& below : k.list(keyword)) result.push_back(node_of(below));
    return result;
  }

  void types(const keywords& k, node& n) {
    const json::value* type = k.find("type");
    if (!type) return;
    n.types = 0;
    n.typed = true;
    std::vector<std::string_view> named;
    const auto add = [&](const json::value& name) {
      const auto known = std::find_if(type_names.begin(), type_names.end(),
                                      [&](const auto& t) { return name.is_string() && name.get_string() == t.first; });
      if (known == type_names.end()) {
        k.fail("type",
               fmt::format("{} is no type; there are null, boolean, integer, number, string, array and object", shown(name)));
      }
      if (std::find(named.begin(), named.end(), known->first) != named.end()) {
        k.fail("type", fmt::format("names {} twice", known->first));
      }
      named.push_back(known->first);
      n.types |= known->second;
      n.text_of_types(known->first);
    };
    if (const auto* list = type->if_array()) {
      if (list->empty()) k.fail("type", "is an empty array, must name at least one type");
      for (const auto& name : *list) add(name);
    } else {
      add(*type);
    }
  }

  void numeric(const keywords& k, node& n) {
    numeric_rules r;
    r.minimum = k.number("minimum");
    r.maximum = k.number("maximum");
    r.exclusive_minimum = k.number("exclusiveMinimum");
    r.exclusive_maximum = k.number("exclusiveMaximum");
    r.multiple_of = k.number("multipleOf");
    if (r.multiple_of && compare_numbers(*r.multiple_of, 0) <= 0) k.fail("multipleOf", "must be above 0");
    if (!r.minimum && !r.maximum && !r.exclusive_minimum && !r.exclusive_maximum && !r.multiple_of) return;
    n.numeric = static_cast<index>(program_->numerics.size());
    program_->numerics.push_back(std::move(r));
  }

  std::unique_ptr<RE2> regex(const keywords& k, std::string_view keyword, std::string_view pattern) {
    auto compiled = compile_regex(pattern);
    if (!compiled)
      k.fail(keyword, fmt::format("{} is not a pattern that can be used: {}", in_quotes(pattern), compiled.error().message));
    return std::move(*compiled);
  }

  void string(const keywords& k, node& n) {
    string_rules r;
    r.min_length = k.count("minLength").value_or(0);
    r.max_length = k.count("maxLength").value_or(unbounded);
    if (const auto pattern = k.text("pattern")) {
      r.pattern_text = *pattern;
      r.pattern = regex(k, "pattern", *pattern);
    }
    if (const auto format = k.text("format"); format && options_.assert_format) {
      if (*format == "idn-hostname") {
        k.fail("format", "idn-hostname cannot be asserted: it needs the Unicode tables of IDNA; use hostname, a pattern, or no "
                         "event.assert_format");
      }
      r.format = find_format(*format);
      r.format_name = *format;
    }
    if (r.min_length == 0 && r.max_length == unbounded && !r.pattern && !r.format) return;
    n.string = static_cast<index>(program_->strings.size());
    program_->strings.push_back(std::move(r));
  }

  void array(const keywords& k, node& n) {
    array_rules r;
    r.min_items = k.count("minItems").value_or(0);
    r.max_items = k.count("maxItems").value_or(unbounded);
    r.unique = k.flag("uniqueItems");
    if (const json::value* items = k.find("items"); items && items->is_array()) {
      for (std::size_t i = 0; i < items->get_array().size(); ++i)
        r.tuple.push_back(node_of(k.below("items", std::to_string(i), items->get_array()[i])));
      r.additional = child(k, "additionalItems");
    } else {
      r.items = child(k, "items");
      child(k, "additionalItems"); // has no effect, but must be a schema
    }
    r.contains = child(k, "contains");
    if (r.min_items == 0 && r.max_items == unbounded && !r.unique && r.items == none && r.tuple.empty() && r.additional == none &&
        r.contains == none) {
      return;
    }
    n.array = static_cast<index>(program_->arrays.size());
    program_->arrays.push_back(std::move(r));
  }

  property& property_of(object_rules& r, std::string_view name) {
    const std::uint32_t number = r.names.insert(name);
    if (number == r.properties.size()) r.properties.emplace_back();
    return r.properties[number];
  }

  void object(const keywords& k, node& n) {
    object_rules r;
    r.min_properties = k.count("minProperties").value_or(0);
    r.max_properties = k.count("maxProperties").value_or(unbounded);
    for (const auto& [name, below] : k.map("properties")) property_of(r, name).node = node_of(below);
    for (const auto& name : k.names("required")) {
      property_of(r, name).required = true;
      ++r.required;
    }
    for (const auto& [name, below] : k.map("patternProperties")) {
      r.patterns.push_back({regex(k, "patternProperties", name), node_of(below)});
    }
    r.additional = child(k, "additionalProperties");
    r.property_names = child(k, "propertyNames");
    for (const auto& [name, below] : k.map("dependencies")) {
      dependency d{std::string(name), {}, none};
      if (below.value->is_array())
        d.members = k.names_in("dependencies", *below.value);
      else
        d.node = node_of(below);
      r.dependencies.push_back(std::move(d));
    }
    if (r.min_properties == 0 && r.max_properties == unbounded && r.names.size() == 0 && r.patterns.empty() &&
        r.additional == none && r.property_names == none && r.dependencies.empty()) {
      return;
    }
    n.object = static_cast<index>(program_->objects.size());
    program_->objects.push_back(std::move(r));
  }

  index set_of(const std::vector<const json::value*>& values) {
    value_set set;
    for (const json::value* v : values) {
      if (set.text.size() < 100)
        set.text += (set.text.empty() ? "" : ", ") + shown(*v, 60);
      else if (!set.text.ends_with("…"))
        set.text += ", …";
      if (v->is_null())
        set.null = true;
      else if (v->is_bool())
        (v->get_bool() ? set.yes : set.no) = true;
      else if (v->is_string())
        set.strings.insert(v->get_string());
      else if (v->is_number())
        set.numbers.push_back(*v);
      else if (v->is_array() && v->get_array().empty())
        set.empty_array = true;
      else if (v->is_object() && v->get_object().empty())
        set.empty_object = true;
      else
        set.compounds.push_back(*v);
    }
    program_->sets.push_back(std::move(set));
    return static_cast<index>(program_->sets.size() - 1);
  }

  void general(const keywords& k, node& n) {
    if (const json::value* only = k.find("const")) n.general.push_back({combinator::in_set, true, set_of({only}), {}});
    if (const json::value* values = k.find("enum")) {
      if (!values->is_array()) k.fail("enum", fmt::format("is {}, must be an array", kind_name(*values)));
      std::vector<const json::value*> all;
      for (const auto& v : values->get_array()) all.push_back(&v);
      n.general.push_back({combinator::in_set, false, set_of(all), {}});
    }
    if (k.find("allOf")) n.general.push_back({combinator::all_of, false, none, children(k, "allOf")});
    if (k.find("anyOf")) n.general.push_back({combinator::any_of, false, none, children(k, "anyOf")});
    if (k.find("oneOf")) n.general.push_back({combinator::one_of, false, none, children(k, "oneOf")});
    if (k.find("not")) n.general.push_back({combinator::negation, false, none, {child(k, "not")}});
    const index then = child(k, "then"), otherwise = child(k, "else");
    if (k.find("if")) n.general.push_back({combinator::conditional, false, none, {child(k, "if"), then, otherwise}});
  }

  // Schemas that apply to one and the same value must not lead back to themselves.
  void refuse_endless_references() {
    enum class state : std::uint8_t { unseen, open, done };
    std::vector<std::vector<index>> next(program_->nodes.size());
    for (index i = 0; i < next.size(); ++i) {
      const node& n = program_->nodes[i];
      for (const auto& instruction : n.general) {
        for (const index c : instruction.nodes) {
          if (c != none) next[i].push_back(c);
        }
      }
      if (n.object == none) continue;
      for (const auto& d : program_->objects[n.object].dependencies) {
        if (d.node != none) next[i].push_back(d.node);
      }
    }
    std::vector<state> states(next.size(), state::unseen);
    for (index root = 0; root < next.size(); ++root) {
      if (states[root] != state::unseen) continue;
      std::vector<std::pair<index, std::size_t>> path{{root, 0}};
      states[root] = state::open;
      while (!path.empty()) {
        auto& [at, edge] = path.back();
        if (edge == next[at].size()) {
          states[at] = state::done;
          path.pop_back();
          continue;
        }
        const index to = next[at][edge++];
        if (states[to] == state::open) {
          throw documents_.failure(places_[to], "",
                                   "refers to itself without going deeper into the value: checking it would never end");
        }
        if (states[to] == state::unseen) {
          states[to] = state::open;
          path.emplace_back(to, 0);
        }
      }
    }
  }

  library& documents_;
  const schema_options& options_;
  std::vector<schema_error>* faults_;
  std::shared_ptr<program> program_ = std::make_shared<program>();
  std::unordered_map<const json::value*, index> nodes_;
  std::vector<location> places_; // of the nodes
  std::vector<std::pair<index, location>> pending_;
};

} // namespace

std::shared_ptr<const program> compile_program(library& documents, const schema_options& options,
                                               std::vector<schema_error>* faults) {
  return compiler(documents, options, faults).run();
}

} // namespace tocsin::schema::detail
