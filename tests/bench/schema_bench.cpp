// The check of an event against the Guance schema, beside a function written by hand for the same and valijson, in one run.
// Ratios count, not times. `script/bench schema` runs this.
#include "bench/guance_event.hpp"
#include "bench/hand_written.hpp"
#include "transform/schema.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <fstream>
#include <iterator>

namespace {

namespace json = boost::json;
using namespace tocsin;
using bench::event;
using bench::guance;

void schema_alone(benchmark::State& state) {
  schema::schema_options options;
  options.file = guance() / "event.schema.json";
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
  std::ifstream file(guance() / "event.schema.json");
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
