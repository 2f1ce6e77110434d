#include "kafka/client_conf.hpp"

#include <gmock/gmock.h>

namespace tocsin::kafka {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config::kafka_settings settings(properties raw = {}) {
  config::kafka_settings made;
  made.brokers = "127.0.0.1:1";
  made.topics = {"event"};
  made.group = "g";
  made.properties = std::move(raw);
  return made;
}

std::string effective(const properties& all, std::string_view name) {
  std::string value = "(not set)";
  for (const auto& [key, text] : all) {
    if (key == name) value = text;
  }
  return value;
}

TEST(kafka_properties, notice_a_crash_within_ten_seconds_and_rebalance_cooperatively) {
  const properties all = consumer_properties(settings(), "id");
  EXPECT_EQ(effective(all, "session.timeout.ms"), "10000");
  EXPECT_EQ(effective(all, "partition.assignment.strategy"), "cooperative-sticky");
  EXPECT_EQ(effective(all, "group.instance.id"), "(not set)");
}

TEST(kafka_properties, of_the_user_override_ours) {
  const properties all =
      consumer_properties(settings({{"session.timeout.ms", "45000"}, {"isolation.level", "read_uncommitted"}}), "id");
  EXPECT_EQ(effective(all, "session.timeout.ms"), "45000");
  EXPECT_TRUE(reads_uncommitted(all));
  EXPECT_FALSE(uses_consumer_protocol(all));
}

TEST(kafka_properties, that_the_guarantees_rest_on_are_ours) {
  const properties raw{{"enable.auto.commit", "true"}, {"enable.auto.offset.store", "true"}, {"auto.offset.reset", "latest"}};
  const properties all = consumer_properties(settings(raw), "id");
  EXPECT_EQ(effective(all, "enable.auto.commit"), "false");
  EXPECT_EQ(effective(all, "enable.auto.offset.store"), "false");
  EXPECT_EQ(effective(all, "auto.offset.reset"), "earliest");
  producer_options options;
  options.properties = {{"acks", "1"}, {"enable.idempotence", "false"}};
  EXPECT_EQ(effective(producer_properties(options), "acks"), "all");
  EXPECT_EQ(effective(producer_properties(options), "enable.idempotence"), "true");
}

TEST(kafka_properties, leave_to_the_broker_what_the_consumer_protocol_leaves_to_it) {
  const config::kafka_settings with_protocol = settings({{"group.protocol", "consumer"}});
  const properties all = consumer_properties(with_protocol, "id");
  EXPECT_TRUE(uses_consumer_protocol(all));
  EXPECT_EQ(effective(all, "session.timeout.ms"), "(not set)");
  EXPECT_THAT(check_properties(with_protocol), IsEmpty());
}

TEST(kafka_properties, make_a_client) {
  EXPECT_THAT(check_properties(settings()), IsEmpty());
  config::kafka_settings named = settings();
  named.instance_id = "tocsin-0";
  EXPECT_EQ(effective(consumer_properties(named, "id"), "group.instance.id"), "tocsin-0");
  EXPECT_NE(make_client(client_kind::consumer, consumer_properties(named, "id")), nullptr);
}

TEST(kafka_properties, are_refused_by_name_with_the_reason) {
  const auto found = check_properties(settings({{"sesion.timeout.ms", "1"}, {"fetch.wait.max.ms", "soon"}, {"acks", "all"}}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].code, "_UNKNOWN_PROPERTY");
  EXPECT_THAT(found[0].message, AllOf(HasSubstr("kafka.properties.sesion.timeout.ms"), HasSubstr("No such")));
  EXPECT_THAT(found[1].message, HasSubstr("kafka.properties.fetch.wait.max.ms: \"soon\""));
}

TEST(kafka_properties, are_refused_in_combination_too) {
  const auto found = check_properties(settings({{"group.protocol", "consumer"}, {"session.timeout.ms", "6000"}}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].message, HasSubstr("session.timeout.ms"));
}

TEST(kafka_properties, keep_their_secrets_when_refused) {
  const auto found = check_properties(settings({{"ssl.key.pem", "-----TOP SECRET-----"}}));
  for (const failure& refused : found) EXPECT_THAT(refused.message, Not(HasSubstr("TOP SECRET")));
}

} // namespace
} // namespace tocsin::kafka
