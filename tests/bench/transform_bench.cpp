// The transform's share of an event's way, beside a function written by hand for the same (bench/hand_written.hpp), in one run.
// Ratios count, not times. `script/bench transform` runs this.
#include "bench/hand_written.hpp"
#include "transform/schema.hpp"
#include "transform/transformer.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

namespace json = boost::json;
using namespace tocsin;

const std::filesystem::path guance = std::filesystem::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas/guance";

// The example event, of 1.3 KB like the documented ones.
const std::string& event() {
  static const std::string text = [] {
    std::ifstream file(guance / "examples/disk.json");
    json::value v = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
    for (const char* name : {"df_event_link", "df_site_name", "df_workspace_uuid", "workspace_name", "workspace_uuid"})
      v.as_object().erase(name);
    return json::serialize(v);
  }();
  return text;
}

std::unique_ptr<transform::transformer> made(const config::event_settings& settings) {
  return transform::make_transformer(settings, {guance, {}}).value();
}

void run(benchmark::State& state, const config::event_settings& settings) {
  const auto transformer = made(settings);
  transform::record_view record;
  record.topic = "event";
  record.value = event();
  transform::verdict verdict;
  for (auto _ : state) {
    transformer->transform(record, verdict);
    if (verdict.kind != transform::verdict_kind::deliver) state.SkipWithError(verdict.detail.c_str());
    benchmark::DoNotOptimize(verdict.body.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(event().size()));
}

void by_hand(benchmark::State& state) {
  bench::hand_written bridge;
  std::string body;
  for (auto _ : state) {
    if (!bridge.transform(event(), body)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(body.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(event().size()));
}
BENCHMARK(by_hand);

void schema_and_mapping(benchmark::State& state) {
  config::event_settings settings;
  settings.schema = "event.schema.json";
  settings.mapping = "to-omp.json";
  run(state, settings);
}
BENCHMARK(schema_and_mapping);

void with_order_and_skip(benchmark::State& state) {
  config::event_settings settings;
  settings.schema = "event.schema.json";
  settings.mapping = "to-omp.json";
  settings.order_by = config::order_by_expression{"df_workspace_name + df_dimension_tags"};
  settings.skip = {{"df_status == 'info'", "informational"}};
  run(state, settings);
}
BENCHMARK(with_order_and_skip);

void with_outbound_schema(benchmark::State& state) {
  config::event_settings settings;
  settings.schema = "event.schema.json";
  settings.mapping = "to-omp.json";
  settings.outbound_schema = "outbound.schema.json";
  run(state, settings);
}
BENCHMARK(with_outbound_schema);

void parse_and_schema(benchmark::State& state) {
  config::event_settings settings;
  settings.schema = "event.schema.json";
  run(state, settings);
}
BENCHMARK(parse_and_schema);

void nothing_looked_at(benchmark::State& state) { run(state, {}); }
BENCHMARK(nothing_looked_at);

void schema_alone(benchmark::State& state) {
  schema::schema_options options;
  options.file = guance / "event.schema.json";
  const auto schema = schema::compile_file(options).value();
  const json::value parsed = json::parse(event());
  for (auto _ : state) benchmark::DoNotOptimize(schema.check(parsed));
}
BENCHMARK(schema_alone);

void schema_by_hand(benchmark::State& state) {
  const json::value parsed = json::parse(event());
  for (auto _ : state) benchmark::DoNotOptimize(bench::hand_written::check(parsed));
}
BENCHMARK(schema_by_hand);

void schema_by_valijson(benchmark::State& state) {
  std::ifstream file(guance / "event.schema.json");
  const json::value document = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(valijson::adapters::BoostJsonAdapter(document), schema);
  const json::value parsed = json::parse(event());
  for (auto _ : state) {
    valijson::Validator validator;
    benchmark::DoNotOptimize(validator.validate(schema, valijson::adapters::BoostJsonAdapter(parsed), nullptr));
  }
}
BENCHMARK(schema_by_valijson);

} // namespace

BENCHMARK_MAIN();
