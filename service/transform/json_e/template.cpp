#include "transform/json_e/template.hpp"

#include "transform/json_e/compiler.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/writer.hpp"

#include <limits>

namespace tocsin::json_e {

compiled<template_document> template_document::compile(const boost::json::value& source, const vocabulary& names,
                                                       const limits& bounds) {
  auto made = std::make_unique<program>(std::numeric_limits<std::uint32_t>::max());
  made->reserved = names.reserved;
  compilation shared{*made, names, bounds};
  try {
    made->root = compiler(shared).compile(source);
    fold(*made);
  } catch (compile_failure& failure) {
    return std::move(failure.error);
  }
  return template_document(std::move(made));
}

std::vector<compile_error> template_document::faults(const boost::json::value& source, const vocabulary& names,
                                                     const limits& bounds) {
  std::vector<compile_error> found;
  program made(std::numeric_limits<std::uint32_t>::max());
  made.reserved = names.reserved;
  compilation shared{made, names, bounds, &found};
  try {
    made.root = compiler(shared).compile(source);
    if (found.empty()) fold(made);
  } catch (compile_failure& failure) {
    if (found.empty()) found.push_back(std::move(failure.error)); // else there are as many as are wanted
  }
  return found;
}

template_document::template_document(std::unique_ptr<const program> compiled) : program_(std::move(compiled)) {}
template_document::template_document(template_document&&) noexcept = default;
template_document& template_document::operator=(template_document&&) noexcept = default;
template_document::~template_document() = default;

evaluated<void> template_document::render_to(const environment& names, scratch& memory, std::string& out) const {
  evaluator machine(*program_, names, memory);
  const std::size_t before = out.size();
  machine.starts_at(before);
  const auto result = machine.ready() ? machine.write(*program_->root, nullptr, out) : evaluator::written::failed;
  if (result == evaluator::written::failed) {
    out.resize(before);
    return std::move(machine.error);
  }
  if (result == evaluator::written::nothing) out += "null";
  return {};
}

evaluated<boost::json::value> template_document::render(const environment& names, scratch& memory,
                                                        boost::json::storage_ptr storage) const {
  return render(names, memory, explain_hook(), std::move(storage));
}

evaluated<boost::json::value> template_document::render(const environment& names, scratch& memory, const explain_hook& explain,
                                                        boost::json::storage_ptr storage) const {
  evaluator machine(*program_, names, memory, explain ? &explain : nullptr);
  const value result = machine.ready() ? machine.render(*program_->root, nullptr) : value::failure();
  if (result.failed()) return std::move(machine.error);
  return to_json(result.is_absent() ? value::null() : result, std::move(storage), memory.bounds);
}

bool template_document::uses(std::string_view name) const { return program_->used_names.contains(name); }

} // namespace tocsin::json_e
