// A flow between librdkafka's own broker and an endpoint of the test's process: everything that is between them in a relay, and
// nothing around it.
#pragma once

#include "app/assembly.hpp"
#include "app/flow.hpp"
#include "app/status.hpp"
#include "config/load.hpp"
#include "kafka/mock_cluster.hpp"
#include "kafka/producer.hpp"
#include "push/pusher.hpp"
#include "support/http_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>

namespace tocsin::app {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

class silent_probe final : public push::probe {
public:
  void connection_opened() override {}
  void connection_error(delivery::retry_reason) override {}
  void expression_failed() override {}
  void problem(std::string_view) override {}
};

class flow_test : public testing::Test {
protected:
  // `kafka`: further members of kafka:, e.g. "start: latest".
  explicit flow_test(const std::string& kafka = "start: earliest")
      : endpoint_([this](const test::http_request& request) { return answer(request); }, {}),
        settings_(config::load_text(configuration(kafka), std::filesystem::current_path(), {}).value()),
        parts_(assemble(settings_).value()),
        metrics_(layout()),
        flow_(
            {io_.get_executor(), settings_, *parts_.transformer, metrics_, [](const std::string& why) { FAIL() << why; }, [] {}}),
        pusher_(io_.get_executor(), settings_.endpoint, flow_, probe_),
        consumer_(io_.get_executor(), pool_, parts_.kafka, flow_, consumer_options()),
        tasks_(io_.get_executor()) {
    cluster_.create_topic("event", 2);
    flow_.connect(consumer_, pusher_, nullptr);
  }

  // Runs the test's coroutine beside a running flow, then takes everything down as the relay does.
  void run(awaitable<void> body) {
    std::exception_ptr broken;
    boost::asio::co_spawn(io_, live(std::move(body)), [&](std::exception_ptr error) { broken = error; });
    io_.run();
    if (broken) std::rethrow_exception(broken);
  }

  // Waits until it is so; the test's time limit is the bound.
  awaitable<void> until(std::function<bool()> holds) {
    boost::asio::steady_timer timer(io_);
    while (!holds()) {
      timer.expires_after(2ms);
      co_await timer.async_wait(use_awaitable);
    }
  }

  awaitable<void> produce(int partition, std::vector<std::string> values) {
    kafka::producer_options options;
    options.brokers = cluster_.bootstrap();
    kafka::producer source(io_.get_executor(), pool_, std::move(options));
    tasks_.spawn(source.run());
    std::uint64_t n = 0;
    for (const std::string& value : values) {
      kafka::outgoing message;
      message.topic = "event";
      message.partition = partition;
      message.value = value;
      EXPECT_EQ(source.send(message, ++n), std::nullopt);
    }
    co_await source.close(20s);
  }

  [[nodiscard]] kafka::slot_id slot_of(int partition) const {
    const auto& entries = flow_.partitions().entries();
    for (kafka::slot_id slot = 0; slot < entries.size(); ++slot)
      if (entries[slot].topic == "event" && entries[slot].partition == partition) return slot;
    return ~0U;
  }
  [[nodiscard]] bool assigned(int partition) { return flow_.engine().assigned(slot_of(partition)); }
  [[nodiscard]] relay_status status() { return status_of({settings_, flow_, consumer_, {}, false, {}}); }
  [[nodiscard]] const delivery::ledger& totals() { return flow_.engine().totals(); }
  // The bodies that the endpoint has taken, in order.
  [[nodiscard]] std::vector<std::string> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

  std::atomic<bool> well{true}; // else the endpoint answers 503
  kafka::mock_cluster cluster_;

private:
  std::string configuration(const std::string& kafka) const {
    return fmt::format(R"(
kafka: {{brokers: "{}", topics: [event], group: g, {}, properties: {{fetch.wait.max.ms: "5", session.timeout.ms: "6000"}}}}
event: {{order_by: partition}}
endpoint: {{url: "{}"}}
retry: {{initial: 1ms, max: 10ms}}
dead_letter: off
delivery: {{commit_interval: 10ms}}
shutdown: {{drain: 1s}}
)",
                       cluster_.bootstrap(), kafka, endpoint_.url());
  }
  static observe::metrics_layout layout() {
    observe::metrics_layout made;
    made.topics = {"event"};
    return made;
  }
  static kafka::consumer_options consumer_options() {
    kafka::consumer_options made;
    made.watermark_interval = 50ms;
    made.request_timeout = 300ms;
    made.patience = 100ms;
    return made;
  }
  test::http_reply answer(const test::http_request& request) {
    if (!well) return test::http_reply::with(503);
    const std::lock_guard lock(mutex_);
    taken_.push_back(request.body);
    return test::http_reply::with(200);
  }

  awaitable<void> beat() {
    boost::asio::steady_timer timer(io_);
    while (beats_) {
      flow_.heartbeat(flow::clock::now());
      timer.expires_after(5ms);
      co_await timer.async_wait(use_awaitable);
    }
  }

  awaitable<void> live(awaitable<void> body) {
    flow_.start(tasks_);
    pusher_.start();
    tasks_.spawn(consumer_.run());
    tasks_.spawn(beat());
    co_await std::move(body);
    flow_.drain(flow::clock::now() + 500ms);
    co_await consumer_.close(5s);
    pusher_.close();
    co_await pusher_.drained();
    flow_.stop();
    beats_ = false;
    co_await tasks_.join();
  }

  mutable std::mutex mutex_;
  std::vector<std::string> taken_;
  test::http_server endpoint_;
  boost::asio::io_context io_;
  kafka::blocking_pool pool_;
  const config::settings settings_;
  assembly parts_;
  observe::metrics metrics_;
  silent_probe probe_;
  bool beats_ = true;

protected:
  flow flow_;

private:
  push::pusher pusher_;
  kafka::consumer consumer_;
  runtime::task_group tasks_;
};

} // namespace tocsin::app
