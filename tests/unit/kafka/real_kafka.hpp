// What tests against a Kafka of one's own share, which is 4.0 or newer:
//   TOCSIN_TEST_KAFKA=$(script/kafka start) build/release/tests/unit/kafka/test_kafka --gtest_filter='*real_kafka*'
#pragma once

#include "kafka/admin_client.hpp"
#include "support.hpp"

#include <cstdlib>
#include <map>

namespace tocsin::kafka::real {

inline constexpr int partitions = 4;

class on_a_real_kafka : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    const char* const brokers = std::getenv("TOCSIN_TEST_KAFKA");
    if (brokers == nullptr) GTEST_SKIP() << "TOCSIN_TEST_KAFKA names no broker";
    w.brokers = brokers;
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    topic = "t" + std::to_string(now);
    admin_options options;
    options.brokers = w.brokers;
    admin = std::make_unique<admin_client>(w.io.get_executor(), w.pool, std::move(options));
  }

  config::kafka_settings settings() {
    config::kafka_settings made;
    made.brokers = w.brokers;
    made.topics = {topic};
    made.group = "g-" + topic;
    if (GetParam() == "consumer")
      made.properties = {{"group.protocol", "consumer"}};
    else
      made.properties = {
          {"partition.assignment.strategy", GetParam()}, {"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "200"}};
    return made;
  }

  consumer_options options() {
    consumer_options made;
    made.watermark_interval = 100ms;
    made.log = lines.sink();
    return made;
  }

  awaitable<void> create() {
    const result<void> made = co_await admin->create_topic({topic, partitions, 1, {}});
    EXPECT_TRUE(made.has_value()) << made.error().message;
  }

  world w;
  log_lines lines;
  std::string topic;
  std::unique_ptr<admin_client> admin;
};

struct member {
  member(world& w, const config::kafka_settings& settings, consumer_options options)
      : handler(w.io), client(w.io.get_executor(), w.pool, settings, handler, std::move(options)) {
    handler.take = [this](const seen_record& seen) { next[seen.partition] = seen.offset + 1; };
    handler.during_assign = [this](std::vector<assigned_partition>& added) -> awaitable<void> {
      for (const assigned_partition& partition : added) next[partition.partition] = partition.start;
      co_return;
    };
    handler.during_revoke = [this](std::vector<slot_id> slots) { return commit_all(std::move(slots)); };
  }
  awaitable<void> commit_all(std::vector<slot_id> slots) {
    std::vector<commit_entry> entries;
    for (const slot_id slot : slots) entries.push_back({slot, next[client.name_of(slot).partition], "m"});
    const commit_result done = co_await client.commit(std::move(entries));
    EXPECT_EQ(done.verdict, commit_verdict::ok) << done.message;
  }
  recording_handler handler;
  std::map<std::int32_t, std::int64_t> next;
  consumer client;
};

inline awaitable<void> make_anew(const std::string& topic, admin_client& admin, int count = partitions) {
  const result<void> deleted = co_await admin.delete_topic(topic);
  EXPECT_TRUE(deleted.has_value()) << deleted.error().message;
  for (bool made = false; !made;) { // until the deletion is through
    const result<void> created_again = co_await admin.create_topic({topic, count, 1, {}});
    made = created_again.has_value();
  }
}

inline std::string short_name(const testing::TestParamInfo<std::string>& name) {
  return name.param == "cooperative-sticky" ? "cooperative" : name.param;
}
inline const auto protocols = testing::Values("range", "cooperative-sticky", "consumer");

} // namespace tocsin::kafka::real
