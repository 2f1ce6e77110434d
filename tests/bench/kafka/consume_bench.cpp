// What consuming costs, without anything done to the events: bench_consume BROKERS [PARTITIONS [COUNT [take|detach|wait
// [PROPERTY=VALUE...]]]]
//
// Fills a topic with COUNT events of 700 bytes, if it is not there yet, and reads them once through kafka/consumer. `take` drops
// each record, `detach` copies it first, `wait` takes none and shows what a backlog costs in memory and CPU over ten seconds.
// Prints events/s, CPU of the whole process (librdkafka's threads included) and of the reading thread, and the resident memory.
#include "kafka/admin_client.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "runtime/notifier.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <malloc.h>
#include <unistd.h>

namespace tocsin::kafka {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using namespace std::chrono_literals;

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string status(std::string_view name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  }
  return "?";
}

enum class mode { take, detach, wait };

struct reader : consumer_handler {
  reader(asio::io_context& io, std::size_t expected, mode what) : changed(io.get_executor()), count(expected), how(what) {}
  bool wants_records(slot_id) override { return how != mode::wait; }
  void on_record(record&& received) override {
    if (seen == 0) begin();
    if (how == mode::detach) received.detach();
    bytes += received.size();
    if (++seen == count) changed.notify_all();
  }
  awaitable<void> on_assign(std::vector<assigned_partition>& partitions) override {
    for (auto& partition : partitions) partition.start = partition.low.value_or(0);
    joined = seconds(CLOCK_MONOTONIC);
    changed.notify_all();
    co_return;
  }
  void on_start(const assigned_partition&) override {}
  awaitable<void> on_revoke(std::vector<slot_id>) override { co_return; }
  void on_lost(std::span<const slot_id>) override {}
  void on_gap(slot_id, std::int64_t, std::int64_t) override {}
  void on_outdated() override {}
  void on_error(const failure&) override {}
  void on_fatal(const failure&) override {}
  void begin() {
    wall = seconds(CLOCK_MONOTONIC);
    process = seconds(CLOCK_PROCESS_CPUTIME_ID);
    thread = seconds(CLOCK_THREAD_CPUTIME_ID);
  }

  runtime::notifier changed;
  std::size_t count;
  mode how;
  std::size_t seen = 0, bytes = 0;
  double wall = 0, process = 0, thread = 0, joined = 0;
};

struct setup {
  std::string brokers;
  std::int32_t partitions = 12;
  std::size_t count = 1000000;
  mode how = mode::take;
  std::vector<std::pair<std::string, std::string>> properties;
  [[nodiscard]] std::string topic() const { return fmt::format("bench-{}-{}", partitions, count); }
};

awaitable<void> fill(asio::io_context& io, blocking_pool& pool, const setup& s) {
  admin_options asked;
  asked.brokers = s.brokers;
  admin_client admin(io.get_executor(), pool, std::move(asked));
  const result<void> made = co_await admin.create_topic({s.topic(), s.partitions, 1, {}});
  if (!made) co_return;
  producer_options options;
  options.brokers = s.brokers;
  options.properties = {{"linger.ms", "20"}, {"compression.type", "none"}};
  producer source(io.get_executor(), pool, std::move(options));
  asio::co_spawn(io, source.run(), asio::detached);
  std::string value(700, ' ');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i * i % 26);
  for (std::size_t i = 0; i < s.count; ++i) {
    outgoing message;
    const std::string topic = s.topic();
    message.topic = topic;
    message.partition = static_cast<std::int32_t>(i % static_cast<std::size_t>(s.partitions));
    message.value = value;
    while (source.send(message, i)) co_await source.flush(50ms);
  }
  co_await source.close(60s);
}

awaitable<void> measure(asio::io_context& io, blocking_pool& pool, const setup& s) {
  co_await fill(io, pool, s);
  malloc_trim(0);
  config::kafka_settings settings;
  settings.brokers = s.brokers;
  settings.topics = {s.topic()};
  settings.group = fmt::format("bench-{}", getpid());
  settings.properties = s.properties;
  reader handler(io, s.count, s.how);
  const double started = seconds(CLOCK_MONOTONIC);
  consumer_options options;
  options.log = [](const log_entry& entry) {
    if (entry.severity >= severity::warning) fmt::print("{}\n", entry.text);
  };
  consumer source(io.get_executor(), pool, settings, handler, std::move(options));
  asio::co_spawn(io, source.run(), asio::detached);
  if (s.how == mode::wait) {
    while (handler.joined == 0) co_await handler.changed.wait(use_awaitable);
    asio::steady_timer timer(io, 3s);
    co_await timer.async_wait(use_awaitable);
    handler.begin();
    timer.expires_after(10s);
    co_await timer.async_wait(use_awaitable);
  } else {
    while (handler.seen < s.count) co_await handler.changed.wait(use_awaitable);
  }
  const double wall = seconds(CLOCK_MONOTONIC) - handler.wall;
  const double process = seconds(CLOCK_PROCESS_CPUTIME_ID) - handler.process;
  const double thread = seconds(CLOCK_THREAD_CPUTIME_ID) - handler.thread;
  const std::string memory = status("VmRSS"), peak = status("VmHWM");
  co_await source.close(10s);
  fmt::print("{} partitions, {} events: joined after {:.0f} ms; ", s.partitions, handler.seen, (handler.joined - started) * 1e3);
  if (handler.seen > 0) {
    const double n = static_cast<double>(handler.seen);
    fmt::print("{:.0f} events/s, CPU per event {:.2f} us (reading thread {:.2f} us); ", n / wall, process / n * 1e6,
               thread / n * 1e6);
  } else {
    fmt::print("{:.2f}% CPU (reading thread {:.2f}%); ", process / wall * 100, thread / wall * 100);
  }
  fmt::print("resident {} (peak {})\n", memory, peak);
}

int run(int count, char** arguments) {
  setup s;
  if (count < 2) {
    fmt::print(stderr, "usage: bench_consume BROKERS [PARTITIONS [COUNT [take|detach|wait [PROPERTY=VALUE...]]]]\n");
    return 64;
  }
  s.brokers = arguments[1];
  if (count > 2) s.partitions = std::stoi(arguments[2]);
  if (count > 3) s.count = std::stoul(arguments[3]);
  const std::string_view how = count > 4 ? arguments[4] : "take";
  s.how = how == "detach" ? mode::detach : how == "wait" ? mode::wait : mode::take;
  for (int i = 5; i < count; ++i) {
    const std::string_view text = arguments[i];
    s.properties.emplace_back(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
  }
  asio::io_context io(1);
  blocking_pool pool;
  asio::co_spawn(io, measure(io, pool, s), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
  return 0;
}

} // namespace
} // namespace tocsin::kafka

int main(int count, char** arguments) { return tocsin::kafka::run(count, arguments); }
