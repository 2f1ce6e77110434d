#include "flow_fixture.hpp"

#include <gmock/gmock.h>

namespace tocsin::app {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

kafka::record make_record(kafka::slot_id slot, std::int64_t offset, std::string_view value) {
  return {{slot, 0, "event"}, offset, 1700000000000, std::nullopt, value};
}

// --- a log that is made anew ---------------------------------------------------------------------------------------------------

class a_flow : public flow_test {
protected:
  // Three events wait for an endpoint that is down, and then their log is gone: it has the offset 0 once more.
  awaitable<void> lose_the_log() {
    well = false;
    co_await produce(0, {"old 0", "old 1", "old 2"});
    co_await until([this] { return totals().received == 3; });
    flow_.on_gap(slot_of(0), 3, 0);
    EXPECT_EQ(flow_.engine().logless(), 3U);
    EXPECT_FALSE(flow_.wants_records(slot_of(0))) << "before its new start is committed";
    EXPECT_EQ(flow_.partitions().entries()[slot_of(0)].committed, std::nullopt);
    flow_.on_record(make_record(slot_of(0), 0, "new 0")); // the one that has shown it
  }

  awaitable<void> outlive_the_log() {
    co_await lose_the_log();
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 0; });
    EXPECT_TRUE(flow_.wants_records(slot_of(0)));
    well = true;
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 1; });
    EXPECT_THAT(taken(), ElementsAre("old 0", "old 1", "old 2", "new 0"));
    EXPECT_EQ(totals().delivered, 4U);
    EXPECT_EQ(totals().sent_again, 0U);
  }

  awaitable<void> end_without_the_log() {
    co_await lose_the_log();
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 0; });
  }

  // The answer to a commit of the old log comes after that has gone.
  awaitable<void> lose_the_log_while_committing() {
    co_await until([this] { return assigned(0) && assigned(1); });
    cluster_.set_round_trip(1, 200ms);
    co_await produce(0, {"old 0", "old 1"});
    co_await until([this] { return totals().delivered == 2 && flow_.engine().commit_in_flight(); });
    flow_.on_gap(slot_of(0), 2, 0);
    std::optional<std::int64_t> first;
    co_await until([&] { return (first = flow_.partitions().entries()[slot_of(0)].committed).has_value(); });
    EXPECT_EQ(first, 0);
    cluster_.set_round_trip(1, 0ms);
  }

  // A drain that gives them an hour: who waited for the wrong ones would wait for that.
  awaitable<void> hand_over_another() {
    co_await lose_the_log();
    flow_.drain(flow::clock::now() + 1h);
    co_await flow_.on_revoke({slot_of(1)});
    EXPECT_EQ(flow_.engine().logless(), 3U);
  }

  awaitable<void> hand_over_its_partition() {
    co_await lose_the_log();
    flow_.drain(flow::clock::now() + 1h);
    well = true;
    co_await flow_.on_revoke({slot_of(0)});
    EXPECT_THAT(taken(), ElementsAre("old 0", "old 1", "old 2"));
    EXPECT_EQ(flow_.engine().logless(), 0U);
  }

  // What waits for its turn or for its next attempt when the log goes is lost with it; what is committed is the new beginning.
  awaitable<void> lose_the_log_while_handing_over() {
    well = false;
    co_await produce(0, {"old 0", "old 1", "old 2"});
    co_await until([this] { return totals().received == 3; });
    flow_.drain(flow::clock::now() + 1h);
    flow_.on_gap(slot_of(0), 3, 0);
    well = true;
    co_await flow_.on_revoke({slot_of(0)});
    EXPECT_EQ(flow_.partitions().entries()[slot_of(0)].committed, 0);
    EXPECT_GE(totals().dropped, 2U);
    EXPECT_EQ(totals().dropped + totals().delivered, 3U);
  }

  awaitable<void> end_after_losing_the_partition() {
    co_await lose_the_log();
    const std::vector lost{slot_of(0)};
    flow_.on_lost(lost);
    flow_.drain(flow::clock::now() + 1h);
    well = true;
    co_await flow_.finish();
    EXPECT_THAT(taken(), ElementsAre("old 0", "old 1", "old 2"));
  }

  // The end of the log is gone: what lies before is as it was.
  awaitable<void> outlive_a_cut() {
    well = false;
    co_await produce(0, {"old 0", "old 1", "old 2"});
    co_await until([this] { return totals().received == 3; });
    flow_.on_gap(slot_of(0), 3, 1);
    EXPECT_EQ(flow_.engine().logless(), 2U);
    flow_.on_record(make_record(slot_of(0), 1, "new 1"));
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 0; });
    well = true;
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 2; });
    EXPECT_THAT(taken(), ElementsAre("old 0", "old 1", "old 2", "new 1"));
  }

  awaitable<void> pass_a_gap() {
    well = false;
    co_await produce(0, {"old 0"});
    co_await until([this] { return totals().received == 1; });
    flow_.on_gap(slot_of(0), 1, 7);
    flow_.on_record(make_record(slot_of(0), 7, "new 7"));
    well = true;
    co_await until([this] { return flow_.engine().status(slot_of(0)).committed == 8; });
    EXPECT_THAT(taken(), ElementsAre("old 0", "new 7"));
  }
};

TEST_F(a_flow, delivers_what_it_has_of_a_log_that_is_gone_before_what_comes_after_it) { run(outlive_the_log()); }

TEST_F(a_flow, counts_as_dropped_what_it_cannot_deliver_of_a_log_that_is_gone) {
  run(end_without_the_log());
  EXPECT_EQ(totals().dropped, 3U);
  EXPECT_EQ(totals().returned, 1U); // the new one
  EXPECT_EQ(totals().in_progress, 0U);
}

TEST_F(a_flow, believes_no_commit_of_a_log_that_is_gone) { run(lose_the_log_while_committing()); }

TEST_F(a_flow, hands_a_partition_over_without_waiting_for_what_another_has_of_a_log_that_is_gone) { run(hand_over_another()); }

TEST_F(a_flow, hands_a_partition_over_when_what_it_has_of_a_log_that_is_gone_is_through) { run(hand_over_its_partition()); }

TEST_F(a_flow, hands_over_the_beginning_of_a_log_that_has_come_meanwhile) { run(lose_the_log_while_handing_over()); }

TEST_F(a_flow, ends_when_what_it_has_of_the_log_of_a_lost_partition_is_through) { run(end_after_losing_the_partition()); }

TEST_F(a_flow, commits_nothing_past_what_a_cut_has_left) { run(outlive_a_cut()); }

TEST_F(a_flow, goes_on_over_what_retention_has_deleted) { run(pass_a_gap()); }

// --- where it begins -----------------------------------------------------------------------------------------------------------

class a_flow_from_the_end : public flow_test {
protected:
  a_flow_from_the_end() : flow_test("start: latest") { cluster_.set_leader("event", 1, std::nullopt); }

  awaitable<void> wait_for_a_leader() {
    co_await until([this] { return assigned(0) && slot_of(1) != ~0U; });
    EXPECT_FALSE(assigned(1));
    auto told = status().partitions;
    EXPECT_THAT(told, SizeIs(2));
    EXPECT_EQ(told.back().partition, 1);
    EXPECT_EQ(told.back().position, std::nullopt);
    EXPECT_EQ(told.back().committed, std::nullopt);
    cluster_.set_leader("event", 1, 1);
    // Its start is stored before there is anything to take: whoever comes after a crash begins there.
    co_await until([this] { return assigned(1) && flow_.engine().status(slot_of(1)).committed == 0; });
    EXPECT_EQ(totals().received, 0U);
    told = status().partitions;
    EXPECT_THAT(told, SizeIs(2));
    EXPECT_EQ(told.back().position, 0);
    co_await produce(1, {"first"});
    co_await until([this] { return flow_.engine().status(slot_of(1)).committed == 1; });
    EXPECT_THAT(taken(), ElementsAre("first"));
  }
};

TEST_F(a_flow_from_the_end, commits_where_a_partition_begins_that_gets_its_leader_late) { run(wait_for_a_leader()); }

} // namespace
} // namespace tocsin::app
