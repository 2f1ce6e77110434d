// What the delivery engine costs per event on the way of success: at most 0.6 us, however many keys there are and however many
// events wait for a retry.
#include "delivery/engine.hpp"

#include <benchmark/benchmark.h>

#include <memory>

namespace {

using namespace tocsin::delivery;
using namespace std::chrono_literals;

constexpr int events = 1'000'000;

// A relay without I/O: 64 attempts in flight that end in the order in which they began, a commit whenever one is due.
class relay {
public:
  explicit relay(std::uint32_t waiting) : engine_(settings(waiting), 1) {
    engine_.assign(0, 0);
    engine_.assign(1, 0);
    warm_up();
    park(waiting);
  }

  void run(std::uint64_t keys) {
    for (int n = 0; n < events; ++n) {
      // Spread over all keys, each as often as the others.
      offer(0, (static_cast<std::uint64_t>(n) * 0x9e3779b97f4a7c15ULL) % keys);
      if (const auto attempt = engine_.next_attempt(now_)) flying_[begun_++ % flying_.size()] = attempt->id;
      if (begun_ - ended_ == flying_.size()) finish(outcome::delivered);
      if (n % 16 == 0) turn();
    }
    while (ended_ < begun_) finish(outcome::delivered);
  }

private:
  static engine_settings settings(std::uint32_t waiting) {
    engine_settings made;
    made.max_in_flight = made.max_uncommitted = 4096 + waiting;
    made.max_in_flight_bytes = 1ULL << 40U;
    made.health.faults_in_a_row = 1'000'000;
    made.retry.initial = made.retry.max = 10000h; // what waits goes on waiting
    return made;
  }

  void offer(slot_id slot, lane_key key) {
    if (!engine_.wants(slot)) std::abort();
    const auto offset = next_[slot]++;
    if (engine_.arrive(slot, offset) != offset_tracker::arrival::fresh) std::abort();
    engine_.offer(slot, offset, 700, key, now_);
  }

  void finish(outcome result) {
    engine_.finished(flying_[ended_++ % flying_.size()], result, std::nullopt, now_);
    engine_.take_settled(settled_);
    if (engine_.commit_due(now_)) commit();
  }

  void commit() {
    const auto entries = engine_.begin_commit(now_);
    const std::unique_ptr<bool[]> results(new bool[entries.size()]);
    std::fill_n(results.get(), entries.size(), true);
    engine_.commit_finished({results.get(), entries.size()}, now_);
  }

  // What the relay does once for each round of its loop.
  void turn() {
    now_ += 10us;
    engine_.tick(now_);
    benchmark::DoNotOptimize(engine_.next_due(now_));
    benchmark::DoNotOptimize(engine_.connections_wanted(now_));
  }

  void one(slot_id slot, lane_key key, outcome result) {
    offer(slot, key);
    flying_[begun_++ % flying_.size()] = engine_.next_attempt(now_)->id;
    finish(result);
  }
  void warm_up() {
    for (lane_key key = 0; key < 200; ++key) one(1, key, outcome::delivered);
  }
  // So many events that have failed and wait, on keys of their own; successes between them keep the endpoint up.
  void park(std::uint32_t waiting) {
    for (std::uint32_t n = 0; n < waiting; ++n) {
      one(0, (1ULL << 60U) + n, outcome::try_again);
      one(1, 1, outcome::delivered);
      one(1, 1, outcome::delivered);
    }
  }

  engine engine_;
  time_point now_{1000h};
  std::int64_t next_[2] = {0, 0};
  std::vector<event_id> flying_ = std::vector<event_id>(64);
  std::size_t begun_ = 0, ended_ = 0;
  std::vector<settled_event> settled_;
};

void way_of_success(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    relay relay(static_cast<std::uint32_t>(state.range(1)));
    state.ResumeTiming();
    relay.run(static_cast<std::uint64_t>(state.range(0)));
  }
  state.SetItemsProcessed(state.iterations() * events);
  state.counters["per_event"] = benchmark::Counter(static_cast<double>(state.iterations()) * events,
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(way_of_success)
    ->ArgNames({"keys", "waiting"})
    ->Args({10'000, 0})
    ->Args({1'000'000, 0})
    ->Args({10'000, 10'000})
    ->Args({1'000'000, 10'000})
    ->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
