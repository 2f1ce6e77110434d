// script/bench relay: how much of the processor, of memory and of time the relay takes, as ratios to what wrk needs for the same
// requests in the same run. Starts and stops Kafka and nginx itself; everything stays on 127.0.0.1.
#include "events.hpp"
#include "latency.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_client.hpp"
#include "support/relay.hpp"
#include "threads.hpp"
#include "wrk.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <fstream>
#include <thread>

namespace tocsin::bench {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int partitions = 4;

struct options {
  std::uint64_t count = 1'000'000;
  std::size_t size = 700;
  unsigned connections = 64;
  unsigned wrk_seconds = 10;
  double rate = 5'000;
  unsigned seconds = 40;
  bool mapping = false, latency = false, profile = false;
};

shape shape_of(const options& o) { return o.mapping ? shape::guance : shape::bytes; }

support::relay_options relay_to(const options& o, const std::string& brokers, const std::string& topic, const std::string& url) {
  support::relay_options relay;
  relay.brokers = brokers;
  relay.topic = topic;
  relay.group = topic + "-group";
  relay.url = url;
  relay.guance = o.mapping;
  relay.endpoint = {{"connections", std::to_string(o.connections)}};
  return relay;
}

std::string machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name"))
      return fmt::format("{} x {}", std::thread::hardware_concurrency(), line.substr(line.find(':') + 2));
  return fmt::format("{} cores", std::thread::hardware_concurrency());
}

// Samples the relay while the work is going on, by stage; needs perf, and the right to use it.
std::unique_ptr<support::process> profiler(const options& o, pid_t pid, const std::filesystem::path& file) {
  if (!o.profile) return nullptr;
  return std::make_unique<support::process>(
      std::vector<std::string>{"perf", "record", "-q", "-g", "-F", "499", "-p", std::to_string(pid), "-o", file.string()});
}

void throughput(const options& o) {
  support::kafka_broker broker;
  fmt::print(stderr, "producing {} events of {} bytes to a real Kafka {}\n", o.count, o.size, support::kafka_broker::version());
  {
    support::kafka_client kafka(broker.address());
    kafka.create_topic("bench", partitions);
    for (std::uint64_t n = 0; n < o.count; ++n)
      kafka.produce("bench", {-1, key_of(n), make_event(shape_of(o), n, clock::now(), o.size), {}});
    kafka.flush();
  }
  const nginx endpoint;
  const auto body = make_event(shape::bytes, 0, clock::now(), o.size);
  fmt::print(stderr, "wrk, before\n");
  const auto before = run_wrk(endpoint.url(), body, o.connections, o.wrk_seconds);

  fmt::print(stderr, "tocsin\n");
  support::relay relay(relay_to(o, broker.address(), "bench", endpoint.url()));
  relay.start();
  const auto received = [](std::int64_t at_least) {
    return [at_least](const boost::json::object& status) { return support::relay::total(status, "received") >= at_least; };
  };
  if (!relay.wait_until(received(1), 60s)) throw std::runtime_error("nothing is received\n" + relay.log());
  const auto begin = clock::now();
  const auto perf = profiler(o, relay.process().pid(), "build/bench-relay.perf");
  const auto all = static_cast<std::int64_t>(o.count);
  std::int64_t settled = 0;
  std::optional<boost::json::object> status;
  while (settled < all) {
    std::this_thread::sleep_for(200ms); // between two questions
    if (clock::now() - begin > 10min) throw std::runtime_error("it takes more than ten minutes\n" + relay.log());
    if (relay.process().wait(0ms)) throw std::runtime_error("the relay has ended\n" + relay.log());
    status = relay.status();
    if (status) settled = support::relay::total(*status, "received") - support::relay::total(*status, "in_progress");
  }
  const std::chrono::duration<double> took = clock::now() - begin;
  const auto cpu = relay.process().cpu_seconds();
  const auto by_thread = cpu_by_thread(relay.process().pid());
  const auto peak = relay.process().peak_resident_kib();
  const auto delivered = support::relay::total(*status, "delivered");
  if (perf) {
    perf->send(SIGINT);
    (void)perf->wait(60s);
  }
  if (!relay.stop()) throw std::runtime_error("the relay does not stop\n" + relay.log());

  fmt::print(stderr, "wrk, after\n");
  const auto after = run_wrk(endpoint.url(), body, o.connections, o.wrk_seconds);
  const auto wrk_cpu = (before.cpu_microseconds_per_request + after.cpu_microseconds_per_request) / 2;
  const auto per_event = cpu / static_cast<double>(o.count) * 1e6;

  fmt::print("machine            {}, broker and endpoint on it too\n", machine());
  fmt::print("events             {} of {} bytes, {}; {} delivered\n", o.count, o.size,
             o.mapping ? "Guance schema and mapping" : "relayed as they are", delivered);
  fmt::print("events/s           {:.0f}   (wrk alone, one thread: {:.0f} and {:.0f} requests/s)\n",
             static_cast<double>(o.count) / took.count(), before.requests_per_second, after.requests_per_second);
  fmt::print("CPU                {:.2f} s per 100,000 events, {:.1f} us an event   (wrk: {:.1f} and {:.1f} us a request)\n",
             per_event / 10, per_event, before.cpu_microseconds_per_request, after.cpu_microseconds_per_request);
  fmt::print("ratio to wrk's CPU {:.2f}\n", per_event / wrk_cpu);
  fmt::print("peak memory        {:.1f} MiB resident\n", static_cast<double>(peak) / 1024);
  for (const auto& [name, used] : by_thread)
    fmt::print("thread             {:<16} {:5.1f}% of the CPU time, {:.2f} us user and {:.2f} us system an event\n", name,
               (used.user + used.system) / cpu * 100, used.user / static_cast<double>(o.count) * 1e6,
               used.system / static_cast<double>(o.count) * 1e6);
  if (delivered != all) throw std::runtime_error("not every event was delivered\n" + relay.log());
}

// Both consumers run all the time, each on a topic of its own, and the events go to one and to the other in turn, so that
// whatever else the machine does falls on both.
void latency(const options& o) {
  const unsigned rounds = std::max(o.seconds, 1U);
  support::kafka_broker broker;
  support::kafka_client kafka(broker.address());
  for (const auto* topic : {"bare", "relayed"}) kafka.create_topic(topic, partitions);
  latencies bare, relayed, read;
  const bare_consumer consumer(broker.address(), "bare", partitions, bare);
  const arrival_endpoint endpoint(relayed, read);
  support::relay relay(relay_to(o, broker.address(), "relayed", endpoint.url()));
  relay.start();
  if (!relay.wait_until([](const boost::json::object& status) { return status.at("partitions").as_array().size() == partitions; },
                        60s))
    throw std::runtime_error("no partitions are assigned\n" + relay.log());

  const auto produce = [&](const std::string& topic, double seconds) {
    const auto count = static_cast<std::uint64_t>(o.rate * seconds);
    produce_steadily(kafka, topic, shape_of(o), o.size, count, o.rate);
    return count;
  };
  const auto both = [&](double seconds, std::uint64_t before) {
    const auto so_far = before + produce("bare", seconds);
    if (!bare.wait_for(so_far)) throw std::runtime_error("the bare consumer misses events");
    if (produce("relayed", seconds); !relayed.wait_for(so_far)) throw std::runtime_error("events are missing\n" + relay.log());
    return so_far;
  };
  fmt::print(stderr, "warming up: broker, bare consumer, tocsin\n");
  (void)both(5, 0);
  bare.forget();
  relayed.forget();
  read.forget();
  const auto since = time_of_machine();
  std::vector<double> added, added_99; // of each turn
  std::uint64_t counted = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    if (round % 10 == 0)
      fmt::print(stderr, "{:.0f} events/s for a second to a bare consumer, then to tocsin, {} of {}\n", o.rate, round + 1,
                 rounds);
    const auto bare_before = bare.count(), relayed_before = relayed.count();
    counted = both(1, counted);
    added.push_back(relayed.percentile(50, relayed_before) - bare.percentile(50, bare_before));
    added_99.push_back(relayed.percentile(99, relayed_before) - bare.percentile(99, bare_before));
  }
  const auto stolen = percent_stolen(since);
  std::ranges::sort(added);
  std::ranges::sort(added_99);
  if (!relay.stop()) throw std::runtime_error("the relay does not stop\n" + relay.log());

  const auto print = [&](const char* what, const latencies& found) {
    fmt::print("{:<18} p50 {:.2f} ms, p90 {:.2f}, p99 {:.2f}, p99.9 {:.2f}\n", what, found.percentile(50), found.percentile(90),
               found.percentile(99), found.percentile(99.9));
  };
  fmt::print("machine            {}, broker and endpoint on it too\n", machine());
  fmt::print("events             {:.0f}/s of {} bytes for {} s, {}\n", o.rate, o.size, o.seconds,
             o.mapping ? "Guance schema and mapping" : "relayed as they are");
  print("bare consumer", bare);
  print("through tocsin", relayed);
  print("read there", read);
  fmt::print("added              p50 {:.2f} ms, p99 {:.2f} ms\n", relayed.percentile(50) - bare.percentile(50),
             relayed.percentile(99) - bare.percentile(99));
  fmt::print("middle turn        p50 {:.2f} ms, p99 {:.2f} ms: of what each of the {} turns added, half have less\n",
             added[rounds / 2], added_99[rounds / 2], rounds);
  fmt::print("until it is read   p50 {:.2f} ms, p99 {:.2f} ms: with what the endpoint's own thread waits for a processor\n",
             read.percentile(50) - bare.percentile(50), read.percentile(99) - bare.percentile(99));
  fmt::print("stolen             {:.0f}% of the machine's time, by its host\n", stolen);
}

} // namespace
} // namespace tocsin::bench

int main(int argc, char** argv) {
  tocsin::bench::options o;
  CLI::App app("What the relay costs, next to wrk in the same run", "script/bench relay");
  app.add_option("--count", o.count, "events");
  app.add_option("--size", o.size, "bytes of an event");
  app.add_option("--connections", o.connections, "to the endpoint, of wrk and of the relay");
  app.add_option("--wrk-seconds", o.wrk_seconds, "how long wrk runs, before and after");
  app.add_option("--rate", o.rate, "events a second, with --latency");
  app.add_option("--seconds", o.seconds, "how long to each of the two, with --latency");
  app.add_flag("--mapping", o.mapping, "with the Guance schema and mapping, instead of the bytes as they are");
  app.add_flag("--latency", o.latency, "how long an event takes at a steady rate, instead of how many go through");
  app.add_flag("--profile", o.profile, "samples the relay with perf into build/bench-relay.perf");
  CLI11_PARSE(app, argc, argv);
  try {
    o.latency ? tocsin::bench::latency(o) : tocsin::bench::throughput(o);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "script/bench relay: {}\n", error.what());
    return 1;
  }
}
