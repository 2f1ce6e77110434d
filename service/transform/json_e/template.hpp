#pragma once

#include "transform/json_e/diagnostics.hpp"
#include "transform/json_e/environment.hpp"
#include "transform/json_e/value.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::json_e {

class program;

// A JSON-e template, compiled once, rendered for every event. Immutable after compile(); renderings in several threads need a
// scratch each.
class template_document {
public:
  // `source` is not needed afterwards. Marked numbers in it (json_reader.hpp) are written as they stand.
  static compiled<template_document> compile(const boost::json::value& source, const vocabulary& names,
                                             const limits& bounds = {});
  // Everything that compile() would refuse, in the template's order; 100 faults at most.
  static std::vector<compile_error> faults(const boost::json::value& source, const vocabulary& names, const limits& bounds = {});

  template_document(template_document&&) noexcept;
  template_document& operator=(template_document&&) noexcept;
  ~template_document();

  // Appends the result's JSON text to `out`, without building a value where it need not. Where it fails, `out` is as before.
  // Integers stay integers, doubles are written in the shortest form that reads back as the same, text is UTF-8.
  evaluated<void> render_to(const environment& names, scratch& memory, std::string& out) const;
  // The same as a value of its own. A template that renders to nothing gives null.
  evaluated<boost::json::value> render(const environment& names, scratch& memory, boost::json::storage_ptr storage = {}) const;

  // Called for each node of the template that is rendered, after it, with its JSON pointer and its value (absent: left out).
  // Bodies of $map, $reduce and $find come once for each element.
  using explain_hook = std::function<void(std::string_view pointer, const value& result)>;
  evaluated<boost::json::value> render(const environment& names, scratch& memory, const explain_hook& explain,
                                       boost::json::storage_ptr storage = {}) const;

  // Whether rendering may look at this reserved name, member or function.
  [[nodiscard]] bool uses(std::string_view name) const;

private:
  explicit template_document(std::unique_ptr<const program> compiled);
  std::unique_ptr<const program> program_;
};

} // namespace tocsin::json_e
