#include "kafka/record.hpp"

#include <gmock/gmock.h>

namespace tocsin::kafka {

static bool operator==(const header_view& a, const header_view& b) { return a.name == b.name && a.value == b.value; }

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(a_record_made_of_parts, has_a_copy_of_all_of_them) {
  std::string topic = "event", key = "k", value = "{}", name = "h", text = "x";
  const std::vector<header_view> headers{{name, text}, {"none", std::nullopt}, {"empty", ""}, {name, "last"}};
  record made({7, 3, topic}, 42, 1700000000000, key, value, headers);
  topic = key = value = name = text = "#####";
  EXPECT_EQ(made.slot(), 7U);
  EXPECT_EQ(made.topic(), "event");
  EXPECT_EQ(made.partition(), 3);
  EXPECT_EQ(made.offset(), 42);
  EXPECT_EQ(made.timestamp_ms(), 1700000000000);
  EXPECT_EQ(made.key(), "k");
  EXPECT_EQ(made.value(), "{}");
  EXPECT_EQ(made.size(), 3U);
  EXPECT_TRUE(made.detached());
  const std::vector<header_view> read = made.headers();
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[0], (header_view{"h", "x"}));
  EXPECT_EQ(read[1], (header_view{"none", std::nullopt}));
  EXPECT_EQ(read[2], (header_view{"empty", ""}));
  EXPECT_EQ(made.header("h"), "last");
  EXPECT_EQ(made.header("H"), std::nullopt); // names are case-sensitive in Kafka
}

TEST(a_record_made_of_parts, tells_null_from_empty) {
  const record tombstone({0, 0, "t"}, 0, std::nullopt, std::nullopt, std::nullopt);
  EXPECT_EQ(tombstone.key(), std::nullopt);
  EXPECT_EQ(tombstone.value(), std::nullopt);
  EXPECT_EQ(tombstone.timestamp_ms(), std::nullopt);
  EXPECT_THAT(tombstone.headers(), IsEmpty());
  const record empty({0, 0, "t"}, 0, 0, "", "");
  EXPECT_EQ(empty.key(), "");
  EXPECT_EQ(empty.value(), "");
  EXPECT_EQ(empty.timestamp_ms(), 0);
}

TEST(a_record_made_of_parts, moves_with_what_it_holds) {
  record first({1, 0, "t"}, 5, 1, "key", "value", std::vector<header_view>{{"a", "b"}});
  record second(std::move(first));
  record third({9, 9, "other"}, 9, 9, "other", "other");
  third = std::move(second);
  EXPECT_EQ(third.topic(), "t");
  EXPECT_EQ(third.key(), "key");
  EXPECT_EQ(third.value(), "value");
  EXPECT_EQ(third.header("a"), "b");
  third.detach();
  EXPECT_EQ(third.value(), "value");
}

} // namespace
} // namespace tocsin::kafka
