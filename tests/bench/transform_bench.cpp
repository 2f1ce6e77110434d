// The transform's share of an event's way, beside a function written by hand for the same (bench/hand_written.hpp), in one run.
// Ratios count, not times. `script/bench transform` runs this.
#include "bench/guance_event.hpp"
#include "bench/hand_written.hpp"
#include "transform/transformer.hpp"
#include "unit/transform/temporary_files.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace {

namespace json = boost::json;
using namespace tocsin;

using bench::event;
using bench::guance;

std::unique_ptr<transform::transformer> made(const config::event_settings& settings) {
  return transform::make_transformer(settings, {guance(), {}}).value();
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

// Lookups in a table of so many entries: an event costs the same whatever the table's size. 0: the values stand in the mapping.
void with_table(benchmark::State& state) {
  const test::temporary_files files;
  config::event_settings settings;
  const auto entries = state.range(0);
  if (entries > 0) {
    std::string table = R"({"critical":{"priority":"P1"})";
    for (std::int64_t i = 1; i < entries; ++i) table += fmt::format(R"(,"key-{}":{{"priority":"P{}","text":"{:032}"}})", i, i, i);
    settings.tables = {{"levels", files.add("levels.json", table + "}")}};
    settings.mapping = files.add("m.json", R"j({"p":{"$eval":"get(tables.levels, [df_status, 'priority'], 'P4')"}})j");
    settings.order_by = config::order_by_expression{"default(tables.levels['none'], 'other')"};
    settings.skip = {{"'none' in tables.levels", "none"}};
  } else {
    settings.mapping =
        files.add("m.json", R"j({"p":{"$eval":"get({critical: {priority: 'P1'}}, [df_status, 'priority'], 'P4')"}})j");
    settings.order_by = config::order_by_expression{"default(null, 'other')"};
    settings.skip = {{"'none' in {critical: 1}", "none"}};
  }
  run(state, settings);
}
BENCHMARK(with_table)->Arg(0)->Arg(10)->Arg(1000)->Arg(100'000);

void nothing_looked_at(benchmark::State& state) { run(state, {}); }
BENCHMARK(nothing_looked_at);

} // namespace

BENCHMARK_MAIN();
