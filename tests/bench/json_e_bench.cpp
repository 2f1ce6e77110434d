// The mapping language alone: the Guance mapping over an event of 1.3 KB, beside a function written by hand for the same
// (bench/hand_written.hpp), and the parts of which the time is made up. Ratios of one run count, not times.
#include "bench/hand_written.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/template.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

namespace json = boost::json;
using namespace tocsin;
using namespace tocsin::json_e;

const std::filesystem::path guance = std::filesystem::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas/guance";

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The example event, without what makes it longer than the documented ones.
const std::string& event() {
  static const std::string text = [] {
    json::value example = json::parse(contents(guance / "examples/disk.json"));
    for (const char* name : {"df_event_link", "df_site_name", "df_workspace_uuid", "workspace_name", "workspace_uuid"})
      example.as_object().erase(name);
    return json::serialize(example);
  }();
  return text;
}

template_document mapping() {
  return template_document::compile(json::parse(contents(guance / "to-omp.json")), vocabulary::event()).value();
}

void by_hand(benchmark::State& state) {
  bench::hand_written bridge;
  std::string body;
  for (auto _ : state) {
    if (!bridge.transform(event(), body)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(body.data());
  }
}
BENCHMARK(by_hand);

void read_and_render(benchmark::State& state) {
  const template_document document = mapping();
  scratch memory;
  std::string body;
  for (auto _ : state) {
    memory.reset();
    body.clear();
    const json::value parsed = memory.reader.read(event(), json::storage_ptr(&memory.memory)).value();
    const json::value* reserved[] = {&parsed};
    const environment names{&parsed.get_object(), reserved, {}};
    if (!document.render_to(names, memory, body)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(body.data());
  }
}
BENCHMARK(read_and_render);

void read_alone(benchmark::State& state) {
  scratch memory;
  for (auto _ : state) {
    memory.reset();
    benchmark::DoNotOptimize(memory.reader.read(event(), json::storage_ptr(&memory.memory)));
  }
}
BENCHMARK(read_alone);

void render_alone(benchmark::State& state) {
  const template_document document = mapping();
  scratch memory;
  std::string body;
  const json::value parsed = json::parse(event());
  const json::value* reserved[] = {&parsed};
  const environment names{&parsed.get_object(), reserved, {}};
  for (auto _ : state) {
    memory.reset();
    body.clear();
    if (!document.render_to(names, memory, body)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(body.data());
  }
}
BENCHMARK(render_alone);

} // namespace

BENCHMARK_MAIN();
