// A log whose end is gone (an unclean leader election), and what waits for events whose log is gone.
#include "engine_fixture.hpp"

namespace tocsin::delivery {
namespace {

struct engine_cut_test : engine_test {
  // Offsets 0 to 3, of keys 1, 1, 2, 1; the first is on its way. Then the log is cut at 2.
  void fill_and_cut() {
    kept = offer(1);
    behind = offer(1);
    cut_off = offer(2);
    last = offer(1);
    expect_start(kept);
    relay().begin_anew(0, 2, now);
  }
  event_id kept = 0, behind = 0, cut_off = 0, last = 0;
};

TEST_F(engine_cut_test, what_lies_before_it_holds_the_commit_back) {
  fill_and_cut();
  EXPECT_EQ(relay().logless(), 2U);
  EXPECT_EQ(relay().status(0).in_progress, 2U);
  EXPECT_EQ(relay().status(0).position, 2);
  EXPECT_FALSE(relay().wants(0)) << "before that is committed";
  EXPECT_TRUE(relay().commit_due(now));
  EXPECT_EQ(commit().front().offset, 0);
  EXPECT_TRUE(relay().wants(0));
  end(kept, outcome::delivered);
  EXPECT_EQ(commit().front().offset, 1);
  deliver(cut_off);
  deliver(behind);
  EXPECT_EQ(commit().front().offset, 2);
  deliver(last);
  EXPECT_FALSE(relay().anything_to_commit());
}

TEST_F(engine_cut_test, what_lies_before_it_is_handed_back_and_the_rest_goes_on) {
  fill_and_cut();
  relay().stop(0, now);
  EXPECT_EQ(relay().counts().parked, 1U);
  EXPECT_FALSE(relay().quiet(0));
  end(kept, outcome::try_again);
  EXPECT_EQ(relay().counts().parked, 2U);
  relay().release(0, now);
  EXPECT_EQ(take_settlements(), (std::vector{settlement::returned, settlement::returned}));
  deliver(cut_off);
  deliver(last);
  EXPECT_EQ(relay().totals().in_progress, 0U);
}

TEST_F(engine_cut_test, what_is_in_flight_before_it_is_waited_for) {
  kept = offer(1);
  expect_start(kept);
  relay().begin_anew(0, 1, now);
  relay().stop(0, now);
  EXPECT_FALSE(relay().quiet(0));
  end(kept, outcome::delivered);
  EXPECT_TRUE(relay().quiet(0));
  EXPECT_EQ(commit().front().offset, 1);
}

TEST_F(engine_cut_test, a_dead_letter_that_it_took_is_not_waited_for_as_the_partitions) {
  const auto before = relay().offer_refused(0, 0, 10, now);
  const auto refused = relay().offer_refused(0, 1, 10, now);
  relay().begin_anew(0, 1, now);
  ASSERT_EQ(relay().next_dead_letter(), before);
  ASSERT_EQ(relay().next_dead_letter(), refused);
  relay().dead_letter_acknowledged(refused, now);
  relay().stop(0, now);
  EXPECT_FALSE(relay().quiet(0));
  relay().dead_letter_acknowledged(before, now);
  EXPECT_TRUE(relay().quiet(0));
}

TEST_F(engine_cut_test, a_key_goes_on_in_the_order_in_which_it_was_read) {
  fill_and_cut();
  commit();
  const auto fresh = offer(0, 2, 1);
  end(kept, outcome::delivered);
  deliver(cut_off);
  deliver(behind);
  deliver(last);
  deliver(fresh);
  EXPECT_EQ(commit().front().offset, 3);
}

TEST_F(engine_cut_test, only_what_is_read_again_counts_as_sent_again) {
  fill_and_cut();
  relay().release(0, now);
  relay().assign(0, 0);
  offer(0, 0, 1);
  offer(0, 1, 1);
  EXPECT_EQ(relay().totals().sent_again, 2U);
  offer(0, 2, 5);
  EXPECT_EQ(relay().totals().sent_again, 2U) << "the same offset, but another event";
  relay().release(0, now);
  relay().assign(0, 2);
  offer(0, 2, 5);
  EXPECT_EQ(relay().totals().sent_again, 3U);
}

TEST_F(engine_cut_test, the_map_speaks_of_what_lies_before_it_and_of_nothing_else) {
  fill_and_cut();
  end(kept, outcome::try_again);
  deliver(cut_off);
  advance(1h);
  relay().begin_anew(0, 1, now); // once more, lower
  EXPECT_EQ(relay().status(0).in_progress, 1U);
  EXPECT_EQ(relay().logless(), 2U);
  const auto entries = commit();
  EXPECT_EQ(entries.front().offset, 0);
  EXPECT_EQ(entries.front().metadata, "");
}

TEST_F(engine_cut_test, what_is_settled_before_it_is_still_known_after_a_restart) {
  warm_up();
  relay().release(0, now);
  relay().assign(0, 0);
  offer(0, 0, 1);
  deliver([&] {
    const auto slow = relay().next_attempt(now); // 0 is on its way, and stays so
    EXPECT_TRUE(slow);
    return offer(0, 1, 2);
  }());
  deliver(offer(0, 2, 3));
  relay().begin_anew(0, 2, now);
  EXPECT_EQ(relay().unpersisted(), 2U) << "one of them is gone, and nobody knows which";
  const auto entries = commit();
  EXPECT_EQ(relay().unpersisted(), 0U);
  ASSERT_EQ(entries.front().offset, 0);

  restart().assign(0, 0, entries.front().metadata);
  offer(0, 0, 1);
  EXPECT_EQ(relay().arrive(0, 1), offset_tracker::arrival::settled_before);
  EXPECT_EQ(relay().arrive(0, 2), offset_tracker::arrival::fresh);
}

TEST_F(engine_cut_test, the_map_of_before_is_not_believed_beyond_it) {
  relay().release(0, now);
  relay().assign(0, 5, *encode({5, 11, {{5, 6}}}));
  offer(0, 5, 1);
  EXPECT_EQ(relay().arrive(0, 6), offset_tracker::arrival::settled_before);
  EXPECT_EQ(relay().arrive(0, 7), offset_tracker::arrival::settled_before);
  relay().begin_anew(0, 7, now);
  const auto entries = commit();
  EXPECT_EQ(entries.front().offset, 5);
  const auto said = decode(entries.front().metadata, 5);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->horizon, 7);
  EXPECT_EQ(relay().arrive(0, 7), offset_tracker::arrival::fresh);
}

TEST_F(engine_cut_test, a_commit_that_was_on_its_way_persists_nothing) {
  relay().offer_skipped(0, 0);
  commit();
  EXPECT_EQ(relay().status(0).committed, 1);
  offer(0, 1, 1);
  relay().offer_skipped(0, 2);
  ASSERT_EQ(relay().begin_commit(now).size(), 1U);
  relay().begin_anew(0, 3, now);
  const bool yes = true;
  relay().commit_finished({&yes, 1}, now);
  EXPECT_EQ(relay().unpersisted(), 1U);
  EXPECT_FALSE(relay().status(0).committed);
  EXPECT_FALSE(relay().wants(0));
  commit();
  EXPECT_EQ(relay().unpersisted(), 0U);
  EXPECT_TRUE(relay().wants(0));
}

TEST_F(engine_cut_test, a_partition_is_quiet_when_its_own_events_of_a_log_that_is_gone_are_through) {
  relay().assign(1, 0);
  const auto gone = offer(1);
  relay().begin_anew(0, 0, now);
  relay().stop(0, now);
  relay().stop(1, now);
  EXPECT_FALSE(relay().quiet(0));
  EXPECT_TRUE(relay().quiet(1)) << "that of another is none of its business";
  relay().release(0, now);
  EXPECT_FALSE(relay().quiet(0)) << "nor is it through because the partition is not ours";
  EXPECT_TRUE(relay().quiet(7)) << "never heard of";
  deliver(gone);
  EXPECT_TRUE(relay().quiet(0));
}

} // namespace
} // namespace tocsin::delivery
