// The compiled parts of `event`, and how they are made.
#pragma once

#include "transform/json_e/expression.hpp"
#include "transform/json_e/template.hpp"
#include "transform/schema.hpp"
#include "transform/transformer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tocsin::transform {

struct compiled_skip {
  json_e::expression when;
  std::string as;
};

enum class ordering : std::uint8_t { by_key, by_partition, by_nothing, by_expression };

struct pipeline {
  std::optional<schema::schema> schema;
  std::vector<compiled_skip> skip;
  ordering order = ordering::by_key;
  std::optional<json_e::expression> order_by;
  std::optional<json_e::template_document> mapping;
  std::optional<schema::schema> outbound;
  std::optional<boost::json::value> tables; // what the name `tables` stands for; in memory of its own

  // Whether the value is parsed at all.
  [[nodiscard]] bool looks_inside() const { return schema || !skip.empty() || order_by || mapping; }
  [[nodiscard]] bool uses(std::string_view name) const;
};

// What evaluating one event may cost, from the event's own limits.
[[nodiscard]] json_e::limits limits_of(const config::event_settings&);

[[nodiscard]] boost::system::result<pipeline, problems> compile_pipeline(const config::event_settings&,
                                                                         const std::filesystem::path& folder);

} // namespace tocsin::transform
