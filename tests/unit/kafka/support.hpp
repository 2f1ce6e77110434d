// A little Kafka, a thread's worth of coroutines and a handler that remembers: what the tests of this folder share.
#pragma once

#include "kafka/consumer.hpp"
#include "kafka/mock_cluster.hpp"
#include "kafka/producer.hpp"
#include "runtime/notifier.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tocsin::kafka {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

struct seen_record {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string value;
};

// One io_context, one pool, one cluster; run() runs a coroutine on them to its end.
class world {
public:
  world() : brokers(cluster.bootstrap()) {}

  void run(awaitable<void> body) {
    std::exception_ptr broken;
    bool done = false;
    boost::asio::co_spawn(io, std::move(body), [&](std::exception_ptr error) {
      broken = error;
      done = true;
    });
    while (!done && io.run_one() > 0) {
    }
    if (broken) std::rethrow_exception(broken);
    ASSERT_TRUE(done) << "nothing is left to wait for";
    io.run(); // what was spawned ends as well
  }

  void spawn(awaitable<void> body) {
    boost::asio::co_spawn(io, std::move(body), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }

  config::kafka_settings settings(std::string group = "g") {
    config::kafka_settings made;
    made.brokers = brokers;
    made.topics = {"event"};
    made.group = std::move(group);
    made.properties = {{"fetch.wait.max.ms", "5"}, {"session.timeout.ms", "2000"}, {"heartbeat.interval.ms", "100"}};
    if (const char* const debug = std::getenv("TOCSIN_TEST_DEBUG")) made.properties.emplace_back("debug", debug);
    return made;
  }

  boost::asio::io_context io;
  mock_cluster cluster;
  std::string brokers; // the cluster's, or those of a real one
  blocking_pool pool;
};

// Remembers everything; takes a record while `room` > 0.
class recording_handler : public consumer_handler {
public:
  explicit recording_handler(boost::asio::io_context& io) : changed_(io.get_executor()) {}

  bool wants_records(slot_id slot) override { return wants ? wants(slot) : room > 0; }
  void on_record(record&& received) override {
    if (room != unlimited) --room;
    seen.push_back({std::string(received.topic()), received.partition(), received.offset(),
                    std::string(received.value().value_or("(null)"))});
    if (keep_records) kept.push_back(std::move(received));
    if (take) take(seen.back());
    changed_.notify_all();
  }
  awaitable<void> on_assign(std::vector<assigned_partition>& partitions) override {
    assigned.insert(assigned.end(), partitions.begin(), partitions.end());
    ++assignments;
    for (const auto& partition : partitions) owned.insert(partition.slot);
    if (during_assign) co_await during_assign(partitions);
    changed_.notify_all();
  }
  void on_start(const assigned_partition& partition) override {
    started.push_back(partition);
    changed_.notify_all();
  }
  awaitable<void> on_revoke(std::vector<slot_id> slots) override {
    ++revocations;
    if (during_revoke) co_await during_revoke(slots);
    for (const slot_id slot : slots) owned.erase(slot);
    changed_.notify_all();
  }
  void on_lost(std::span<const slot_id> slots) override {
    lost.insert(lost.end(), slots.begin(), slots.end());
    for (const slot_id slot : slots) owned.erase(slot);
    changed_.notify_all();
  }
  void on_gap(slot_id slot, std::int64_t from, std::int64_t to) override {
    gaps.push_back({slot, from, to});
    changed_.notify_all();
  }
  void on_outdated() override {
    ++outdated;
    changed_.notify_all();
  }
  void on_error(const failure& error) override {
    errors.push_back(error);
    changed_.notify_all();
  }
  void on_fatal(const failure& error) override {
    fatal.push_back(error);
    changed_.notify_all();
  }

  // Waits until it is so; the test's time limit is the bound.
  awaitable<void> until(std::function<bool()> holds) {
    while (!holds()) co_await changed_.wait(use_awaitable);
  }
  void touch() { changed_.notify_all(); }

  struct gap {
    slot_id slot;
    std::int64_t from, to;
  };
  static constexpr std::size_t unlimited = ~std::size_t{0};
  std::size_t room = unlimited;
  std::function<bool(slot_id)> wants;
  std::function<void(const seen_record&)> take;
  std::function<awaitable<void>(std::vector<assigned_partition>&)> during_assign;
  std::function<awaitable<void>(std::vector<slot_id>)> during_revoke;
  bool keep_records = false;
  std::deque<record> kept;
  std::vector<seen_record> seen;
  std::vector<assigned_partition> assigned;
  std::set<slot_id> owned;
  int assignments = 0;
  int revocations = 0;
  std::vector<assigned_partition> started;
  std::vector<slot_id> lost;
  std::vector<gap> gaps;
  int outdated = 0;
  std::vector<failure> errors;
  std::vector<failure> fatal;

private:
  runtime::notifier changed_;
};

// Lines that a client has logged. TOCSIN_TEST_DEBUG=cgrp (what librdkafka's `debug` takes) shows all of them while a test runs.
struct log_lines {
  log_function sink() {
    return [this](const log_entry& entry) {
      if (std::getenv("TOCSIN_TEST_DEBUG") != nullptr) fmt::print(stderr, "{} {}\n", fmt::ptr(this), entry.text);
      if (entry.severity >= severity::info) lines.emplace_back(entry.text);
    };
  }
  [[nodiscard]] std::size_t count(std::string_view part) const {
    std::size_t found = 0;
    for (const std::string& line : lines) found += line.find(part) != std::string::npos ? 1 : 0;
    return found;
  }
  std::vector<std::string> lines;
};

// Asks again and again until it is so: for what nobody announces.
inline awaitable<void> poll_until(boost::asio::io_context& io, std::function<bool()> holds) {
  boost::asio::steady_timer timer(io);
  while (!holds()) {
    timer.expires_after(2ms);
    co_await timer.async_wait(use_awaitable);
  }
}

// Puts values v0, v1, ... into a topic's partitions, round robin, each partition's values in order.
inline awaitable<void> fill(world& w, std::string topic, int partitions, int count, std::string padding = {}) {
  producer_options options;
  options.brokers = w.brokers;
  options.properties = {{"compression.type", "none"}};
  std::vector<failure> failures;
  options.on_report = [&failures](const delivery_report& report) {
    if (report.error) failures.push_back(*report.error);
  };
  producer source(w.io.get_executor(), w.pool, std::move(options));
  w.spawn(source.run());
  for (int i = 0; i < count; ++i) {
    outgoing message;
    const std::string value = "v" + std::to_string(i) + padding;
    message.topic = topic;
    message.partition = i % partitions;
    message.value = value;
    while (source.send(message, static_cast<std::uint64_t>(i))) co_await source.flush(10s);
  }
  co_await source.close(20s);
  EXPECT_TRUE(failures.empty()) << failures.front().message;
}

} // namespace tocsin::kafka
