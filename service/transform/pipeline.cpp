#include "transform/pipeline.hpp"

#include "transform/json_file.hpp"
#include "transform/tables.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace tocsin::transform {

namespace {

constexpr std::size_t template_file_depth = 200;

class compiler {
public:
  compiler(const config::event_settings& settings, const std::filesystem::path& folder)
      : settings_(settings), folder_(folder), limits_(limits_of(settings)) {}

  boost::system::result<pipeline, problems> run() {
    tables();
    if (!settings_.schema.empty()) result_.schema = schema_at("event.schema", settings_.schema);
    for (std::size_t i = 0; i < settings_.skip.size(); ++i) {
      auto when = expression(fmt::format("event.skip[{}].when", i), settings_.skip[i].when);
      if (when) result_.skip.push_back({std::move(*when), settings_.skip[i].as});
    }
    order();
    if (!settings_.mapping.empty()) mapping();
    if (!settings_.outbound_schema.empty()) result_.outbound = schema_at("event.outbound_schema", settings_.outbound_schema);
    if (!problems_.empty()) return problems_;
    return std::move(result_);
  }

private:
  std::optional<schema::schema> schema_at(std::string member, const std::filesystem::path& file) {
    schema::schema_options options;
    options.assert_format = settings_.assert_format;
    options.file = folder_ / file;
    options.max_steps = std::max<std::uint64_t>(16'000'000, settings_.max_bytes * 16);
    options.nearest = json_e::nearest;
    if (auto compiled = schema::compile_file(options)) return std::move(*compiled);
    for (auto& fault : schema::faults_of_file(options))
      problems_.push_back({member, std::move(fault.file), std::move(fault.pointer), std::move(fault.message)});
    return std::nullopt;
  }

  std::optional<json_e::expression> expression(std::string member, const std::string& text) {
    auto compiled = json_e::expression::compile(text, names_, limits_);
    if (compiled) return std::move(*compiled);
    problems_.push_back({std::move(member), "", "", compiled.error().to_string()});
    return std::nullopt;
  }

  void order() {
    if (const auto* by = std::get_if<config::order_by_expression>(&settings_.order_by)) {
      result_.order = ordering::by_expression;
      result_.order_by = expression("event.order_by", by->text);
    } else if (std::holds_alternative<config::order_by_partition>(settings_.order_by)) {
      result_.order = ordering::by_partition;
    } else if (std::holds_alternative<config::order_by_none>(settings_.order_by)) {
      result_.order = ordering::by_nothing;
    }
  }

  void tables() {
    if (settings_.tables.empty()) return;
    result_.tables = read_tables(settings_.tables, folder_, problems_);
    std::vector<std::string> names;
    names.reserve(settings_.tables.size());
    for (const auto& table : settings_.tables) names.push_back(table.name);
    names_ = json_e::vocabulary::event(std::move(names));
  }

  void mapping() {
    const std::filesystem::path path = folder_ / settings_.mapping;
    const auto refuse = [&](std::string pointer, std::string message) {
      problems_.push_back({"event.mapping", path.string(), std::move(pointer), std::move(message)});
    };
    boost::json::monotonic_resource memory;
    const auto document = read_json_file(path, &memory, template_file_depth);
    if (!document) return refuse("", document.error().why);
    auto compiled = json_e::template_document::compile(*document, names_, limits_);
    if (compiled) {
      result_.mapping = std::move(*compiled);
      return;
    }
    for (const auto& fault : json_e::template_document::faults(*document, names_, limits_))
      refuse(fault.pointer, fault.to_string());
  }

  const config::event_settings& settings_;
  const std::filesystem::path& folder_;
  json_e::limits limits_;
  json_e::vocabulary names_ = json_e::vocabulary::event();
  pipeline result_;
  problems problems_;
};

} // namespace

bool pipeline::uses(std::string_view name) const {
  return (mapping && mapping->uses(name)) || (order_by && order_by->uses(name)) ||
         std::any_of(skip.begin(), skip.end(), [&](const compiled_skip& s) { return s.when.uses(name); });
}

json_e::limits limits_of(const config::event_settings& settings) {
  json_e::limits limits;
  limits.value_depth = std::size_t{settings.max_depth} + limits.template_depth; // an event in the deepest place of a template
  limits.steps = std::max<std::uint64_t>(limits.steps, settings.max_bytes * 8);
  limits.memory = std::max<std::size_t>(limits.memory, settings.max_bytes * 32);
  limits.output = std::max<std::size_t>(limits.output, settings.max_bytes * 8);
  return limits;
}

boost::system::result<pipeline, problems> compile_pipeline(const config::event_settings& settings,
                                                           const std::filesystem::path& folder) {
  return compiler(settings, folder).run();
}

std::string to_string(const problem& p) { return fmt::format("{}: {}", p.member, without_member(p)); }

std::string without_member(const problem& p) {
  const bool pointer = !p.pointer.empty() && p.message.find(p.pointer) == std::string::npos;
  return fmt::format("{}{}{}{}{}", p.file, p.file.empty() ? "" : ": ", pointer ? p.pointer : "", pointer ? ": " : "", p.message);
}

void throw_exception_from_error(const problems& all, const boost::source_location&) {
  throw std::runtime_error(all.empty() ? "no problem" : to_string(all.front()));
}

} // namespace tocsin::transform
