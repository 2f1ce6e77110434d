#include "engine_fixture.hpp"

namespace tocsin::delivery {
namespace {

TEST_F(engine_test, a_commit_is_due_after_the_interval_or_when_much_is_waiting) {
  settings.max_uncommitted = 80;
  relay();
  commit();
  deliver(offer(1));
  EXPECT_FALSE(relay().commit_due(now));
  advance(settings.commit_interval);
  EXPECT_TRUE(relay().commit_due(now));
  commit();
  for (lane_key key = 0; key < 10; ++key) deliver(offer(key));
  EXPECT_TRUE(relay().commit_due(now)) << "an eighth of max_uncommitted";
}

TEST_F(engine_test, one_commit_is_in_flight_at_a_time) {
  deliver(offer(1));
  const auto entries = relay().begin_commit(now);
  ASSERT_EQ(entries.size(), 1U);
  deliver(offer(1));
  advance(1h);
  EXPECT_FALSE(relay().commit_due(now));
  const bool yes = true;
  relay().commit_finished({&yes, 1}, now);
  EXPECT_TRUE(relay().commit_due(now));
}

TEST_F(engine_test, a_commit_that_failed_is_made_again) {
  deliver(offer(1));
  commit(false);
  EXPECT_EQ(relay().unpersisted(), 1U);
  EXPECT_TRUE(relay().anything_to_commit());
  EXPECT_EQ(commit().front().offset, 1);
  EXPECT_EQ(relay().unpersisted(), 0U);
  EXPECT_FALSE(relay().anything_to_commit());
}

TEST_F(engine_test, a_result_from_before_a_reassignment_says_nothing_about_the_new_one) {
  deliver(offer(1));
  ASSERT_EQ(relay().begin_commit(now).size(), 1U);
  relay().release(0, now);
  relay().assign(0, 0);
  deliver(offer(0, 0, 1));
  const bool yes = true;
  relay().commit_finished({&yes, 1}, now);
  EXPECT_EQ(relay().unpersisted(), 1U);
  EXPECT_FALSE(relay().status(0).committed);
}

TEST_F(engine_test, records_that_the_map_calls_settled_move_the_committed_offset) {
  relay().release(0, now);
  const auto map = encode({5, 11, {{5, 6}}});
  relay().assign(0, 5, *map);
  // 5, which held the commit back, has been compacted away meanwhile.
  for (std::int64_t offset = 6; offset < 11; ++offset)
    EXPECT_EQ(relay().arrive(0, offset), offset_tracker::arrival::settled_before);
  EXPECT_TRUE(relay().anything_to_commit());
  EXPECT_EQ(commit().front().offset, 11);
}

TEST_F(engine_test, an_offset_that_does_not_change_is_committed_again_before_it_expires) {
  deliver(offer(1));
  commit();
  advance(settings.recommit_interval - 1s);
  EXPECT_FALSE(relay().commit_due(now));
  advance(1s);
  EXPECT_TRUE(relay().commit_due(now));
  EXPECT_EQ(commit().front().offset, 1);
}

TEST_F(engine_test, a_partition_that_begins_where_nobody_has_committed_commits_that_before_it_takes_a_record) {
  relay().assign(1, 500, {}, engine::begins_at::chosen);
  EXPECT_FALSE(relay().wants(1));
  EXPECT_TRUE(relay().commit_due(now));
  EXPECT_EQ(commit(false).front().offset, 500);
  EXPECT_FALSE(relay().wants(1));
  EXPECT_TRUE(relay().commit_due(now));
  EXPECT_EQ(commit().front().offset, 500);
  EXPECT_TRUE(relay().wants(1));
  EXPECT_FALSE(relay().commit_due(now));
}

TEST_F(engine_test, a_partition_lost_before_its_start_was_committed_keeps_no_other_waiting) {
  relay().assign(1, 500, {}, engine::begins_at::chosen);
  relay().release(1, now);
  EXPECT_FALSE(relay().commit_due(now));
  relay().assign(1, 500);
  EXPECT_TRUE(relay().wants(1));
}

// Offsets far apart, every second one settled: more than 4,000 bytes can say.
struct engine_wide_map_test : engine_test {
  engine_wide_map_test() {
    settings.max_in_flight = settings.max_uncommitted = 4096;
    settings.health.connections = 4096;
  }
  void fill(int pairs) {
    for (int n = 0; n < pairs; ++n) {
      offer(0, ++far_ * 100'000'000, 1); // one key: waits behind the first
      ASSERT_EQ(relay().arrive(0, far_ * 100'000'000 + 50'000'000), offset_tracker::arrival::fresh);
      relay().offer_skipped(0, far_ * 100'000'000 + 50'000'000);
    }
  }
  std::int64_t far_ = 0;
};

TEST_F(engine_wide_map_test, a_map_that_does_not_fit_stops_the_intake_until_it_does) {
  fill(1000);
  EXPECT_TRUE(relay().wants(0));
  EXPECT_TRUE(commit().empty());
  EXPECT_FALSE(relay().wants(0));
  for (int n = 0; n < 900; ++n) {
    const auto attempt = relay().next_attempt(now);
    ASSERT_TRUE(attempt);
    end(attempt->id, outcome::delivered);
  }
  EXPECT_EQ(commit().size(), 1U);
  EXPECT_TRUE(relay().wants(0));
}

TEST_F(engine_wide_map_test, a_map_that_does_not_fit_is_not_tried_again_before_something_settles) {
  fill(1000);
  ASSERT_TRUE(relay().commit_due(now));
  EXPECT_TRUE(commit().empty());
  EXPECT_FALSE(relay().commit_due(now)) << "a relay that commits while a commit is due would never do anything else";
  const auto attempt = relay().next_attempt(now);
  end(attempt->id, outcome::delivered);
  EXPECT_TRUE(relay().commit_due(now));
}

TEST_F(engine_wide_map_test, a_partition_handed_back_with_a_map_that_does_not_fit_says_what_fits) {
  fill(1000);
  ASSERT_TRUE(commit().empty());
  ASSERT_FALSE(relay().anything_to_commit());
  relay().stop(0, now);
  EXPECT_TRUE(relay().anything_to_commit());
  const auto entries = commit();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_TRUE(decode(entries.front().metadata, entries.front().offset));
  EXPECT_FALSE(relay().anything_to_commit()) << "once is enough";
}

TEST_F(engine_wide_map_test, a_partition_handed_back_does_not_take_back_what_an_earlier_commit_said) {
  fill(550);
  ASSERT_EQ(commit().size(), 1U); // it still fits
  fill(250);
  ASSERT_TRUE(commit().empty());
  relay().stop(0, now);
  const auto entries = commit();
  // Either the commit before stands, or this one says all that it said.
  if (entries.empty()) return;
  const auto said = decode(entries.front().metadata, entries.front().offset);
  ASSERT_TRUE(said);
  for (std::int64_t n = 1; n <= 550; ++n) ASSERT_TRUE(said->settled(n * 100'000'000 + 50'000'000)) << n;
}

} // namespace
} // namespace tocsin::delivery
