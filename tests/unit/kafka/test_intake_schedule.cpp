#include "kafka/intake_schedule.hpp"

#include <gmock/gmock.h>

namespace tocsin::kafka {
namespace {

TEST(an_intake_schedule, gives_turns_in_a_ring) {
  intake_schedule schedule;
  for (const std::uint32_t slot : {4U, 2U, 0U}) schedule.add(slot);
  std::vector<std::uint32_t> turns;
  for (int i = 0; i < 7; ++i) {
    const auto slot = schedule.next();
    ASSERT_TRUE(slot.has_value());
    turns.push_back(*slot);
    schedule.again(*slot);
  }
  EXPECT_THAT(turns, testing::ElementsAre(4, 2, 0, 4, 2, 0, 4));
}

TEST(an_intake_schedule, keeps_a_partition_ready_until_it_was_seen_empty) {
  intake_schedule schedule;
  schedule.add(1);
  schedule.again(*schedule.next());
  EXPECT_TRUE(schedule.has_ready());
  schedule.mark_ready(1); // announced again: still one turn
  schedule.idle(*schedule.next());
  EXPECT_TRUE(schedule.is_idle(1));
  EXPECT_FALSE(schedule.has_ready());
  EXPECT_EQ(schedule.next(), std::nullopt);
  schedule.mark_ready(1);
  EXPECT_EQ(schedule.next(), 1U);
}

TEST(an_intake_schedule, remembers_who_was_held_back) {
  intake_schedule schedule;
  schedule.add(0);
  schedule.add(1);
  schedule.hold(*schedule.next());
  schedule.idle(*schedule.next());
  schedule.mark_ready(0); // a wake-up is no room
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_TRUE(schedule.release_held());
  EXPECT_FALSE(schedule.release_held());
  EXPECT_EQ(schedule.next(), 0U);
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(an_intake_schedule, forgets_who_is_removed_in_whatever_state) {
  intake_schedule schedule;
  for (const std::uint32_t slot : {0U, 1U, 2U, 3U}) schedule.add(slot);
  schedule.hold(*schedule.next());
  schedule.idle(*schedule.next());
  const auto in_hand = schedule.next(); // 2; 3 stays ready
  for (const std::uint32_t slot : {0U, 1U, 2U, 3U}) schedule.remove(slot);
  schedule.again(*in_hand);
  schedule.mark_all_ready();
  schedule.mark_ready(1);
  EXPECT_FALSE(schedule.release_held());
  EXPECT_FALSE(schedule.has_ready());
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_FALSE(schedule.contains(2));
  schedule.add(2);
  EXPECT_EQ(schedule.next(), 2U);
}

TEST(an_intake_schedule, makes_everybody_ready_for_a_second_look) {
  intake_schedule schedule;
  for (const std::uint32_t slot : {0U, 1U, 2U}) schedule.add(slot);
  schedule.hold(*schedule.next());
  schedule.idle(*schedule.next());
  schedule.mark_all_ready();
  EXPECT_TRUE(schedule.has_ready());
  std::vector<std::uint32_t> turns;
  while (const auto slot = schedule.next()) turns.push_back(*slot);
  EXPECT_THAT(turns, testing::UnorderedElementsAre(0, 1, 2));
}

} // namespace
} // namespace tocsin::kafka
