#include "forgetful_proxy.hpp"
#include "kafka/rediscovery.hpp"

namespace tocsin::kafka {
namespace {

using time_point = rediscovery::time_point;

TEST(rediscovery, waits_three_seconds_then_twice_as_long_each_time_up_to_a_minute) {
  rediscovery found_again;
  time_point now{};
  std::vector<int> due;
  for (int second = 0; second <= 300; ++second, now += 1s)
    if (found_again.due(true, now)) due.push_back(second);
  EXPECT_EQ(due, (std::vector<int>{3, 9, 21, 45, 93, 153, 213, 273}));
}

TEST(rediscovery, begins_anew_when_nothing_is_waited_for_or_something_was_answered) {
  rediscovery found_again;
  const time_point now{};
  EXPECT_FALSE(found_again.due(true, now));
  EXPECT_FALSE(found_again.due(false, now + 4s));
  EXPECT_FALSE(found_again.due(true, now + 5s));
  found_again.answered();
  EXPECT_FALSE(found_again.due(true, now + 9s));
  EXPECT_TRUE(found_again.due(true, now + 12s));
}

class a_cluster_that_forgets_its_brokers : public testing::Test {
protected:
  a_cluster_that_forgets_its_brokers() : proxy(w.io, w.cluster.bootstrap()) { w.cluster.create_topic("event", 1); }

  awaitable<void> forget_once() {
    const int before = proxy.times_forgotten();
    proxy.forget();
    co_await poll_until(w.io, [&] { return proxy.times_forgotten() > before; });
    proxy.remember();
  }

  world w;
  forgetful_proxy proxy;
  log_lines lines;
};

// https://github.com/confluentinc/librdkafka/issues/5301
awaitable<void> consume_on(world& w, consumer& client, recording_handler& handler, forgetful_proxy& proxy,
                           std::function<awaitable<void>()> forget_once) {
  co_await fill(w, "event", 1, 10);
  w.spawn(client.run());
  co_await handler.until([&] { return handler.seen.size() == 10; });
  co_await forget_once();
  co_await fill(w, "event", 1, 10);
  co_await handler.until([&] { return handler.seen.size() >= 20; });
  EXPECT_TRUE(handler.gaps.empty());
  co_await client.close(5s);
  proxy.close();
}

TEST_F(a_cluster_that_forgets_its_brokers, is_found_again_by_a_consumer) {
  config::kafka_settings settings = w.settings();
  settings.brokers = proxy.bootstrap();
  settings.properties.emplace_back("topic.metadata.refresh.interval.ms", "200");
  recording_handler handler(w.io);
  consumer_options options;
  options.watermark_interval = 50ms;
  options.request_timeout = 1s;
  options.log = lines.sink();
  consumer client(w.io.get_executor(), w.pool, settings, handler, options);
  w.run(consume_on(w, client, handler, proxy, [this] { return forget_once(); }));
}

awaitable<void> produce_on(world& w, producer& client, int& delivered, forgetful_proxy& proxy,
                           std::function<awaitable<void>()> forget_once) {
  w.spawn(client.run());
  outgoing message;
  message.topic = "event";
  message.value = "v";
  EXPECT_EQ(client.send(message, 1), std::nullopt);
  co_await poll_until(w.io, [&] { return delivered == 1; });
  co_await forget_once();
  EXPECT_EQ(client.send(message, 2), std::nullopt);
  co_await poll_until(w.io, [&] { return delivered == 2; });
  co_await client.close(1s);
  proxy.close();
}

TEST_F(a_cluster_that_forgets_its_brokers, is_found_again_by_a_producer) {
  producer_options options;
  options.brokers = proxy.bootstrap();
  options.properties = {{"topic.metadata.refresh.interval.ms", "200"}};
  options.log = lines.sink();
  int delivered = 0;
  options.on_report = [&delivered](const delivery_report& report) {
    EXPECT_FALSE(report.error) << report.error->message;
    ++delivered;
  };
  producer client(w.io.get_executor(), w.pool, std::move(options));
  w.run(produce_on(w, client, delivered, proxy, [this] { return forget_once(); }));
}

} // namespace
} // namespace tocsin::kafka
