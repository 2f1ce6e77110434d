#include "support.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>

#include <map>

namespace tocsin::kafka {
namespace {

using testing::Each;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int partitions = 4;

class a_consumer : public testing::Test {
protected:
  a_consumer() : handler(w.io) { w.cluster.create_topic("event", partitions); }

  consumer_options options() {
    consumer_options made;
    made.watermark_interval = 50ms;
    made.request_timeout = 2s;
    made.log = lines.sink();
    return made;
  }

  // Every value once, and in the order of each partition.
  void expect_complete(int count) {
    ASSERT_EQ(handler.seen.size(), static_cast<std::size_t>(count));
    std::map<std::int32_t, std::int64_t> next;
    for (const seen_record& seen : handler.seen) {
      EXPECT_EQ(seen.offset, next[seen.partition]++);
      EXPECT_EQ(seen.value, "v" + std::to_string(seen.offset * partitions + seen.partition));
    }
  }

  world w;
  recording_handler handler;
  log_lines lines;
};

awaitable<void> consume(world& w, recording_handler& handler, consumer& member, std::size_t count) {
  co_await fill(w, "event", partitions, static_cast<int>(count));
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() >= count; });
  co_await member.close(5s);
}

TEST_F(a_consumer, hands_over_every_record_in_the_order_of_its_partition) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(consume(w, handler, member, 20000));
  expect_complete(20000);
  EXPECT_EQ(handler.revocations, 1); // by close
  EXPECT_THAT(handler.gaps, IsEmpty());
}

TEST_F(a_consumer, loses_no_wake_up_when_there_is_room_for_one_record_at_a_time) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  handler.room = 1;
  handler.take = [&](const seen_record&) {
    boost::asio::post(w.io, [&] { // after the intake has gone to sleep; a tick a second would need an hour and a half
      handler.room = 1;
      member.resume_intake();
    });
  };
  w.run(consume(w, handler, member, 5000));
  expect_complete(5000);
}

TEST_F(a_consumer, notices_room_made_while_it_hands_over) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  handler.room = 1;
  handler.take = [&](const seen_record&) {
    handler.room = 1;
    member.resume_intake();
  };
  w.run(consume(w, handler, member, 5000));
  expect_complete(5000);
}

awaitable<void> hold_one_back(world& w, recording_handler& handler, consumer& member) {
  bool held = true;
  handler.wants = [&](slot_id slot) { return !held || member.name_of(slot).partition != 2; };
  co_await fill(w, "event", partitions, 4000);
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() == 3000; });
  EXPECT_THAT(handler.seen, Each(Field(&seen_record::partition, testing::Ne(2))));
  held = false;
  member.resume_intake();
  co_await handler.until([&] { return handler.seen.size() == 4000; });
  co_await member.close(5s);
}

TEST_F(a_consumer, goes_on_with_the_others_while_one_partition_is_held_back) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(hold_one_back(w, handler, member));
  expect_complete(4000);
}

awaitable<void> be_fair(world& w, recording_handler& handler, consumer& member) {
  co_await fill(w, "event", partitions, 8000);
  // The first record of each partition has come: many more of each are prefetched with it.
  std::map<std::int32_t, int> taken;
  std::size_t room = 0;
  handler.wants = [&](slot_id slot) { return (room > 0 && room-- > 0) || taken[member.name_of(slot).partition] == 0; };
  handler.take = [&](const seen_record& seen) { ++taken[seen.partition]; };
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() == 4; });
  room = 400;
  member.resume_intake();
  co_await handler.until([&] { return handler.seen.size() == 404; });
  std::map<std::int32_t, int> counts;
  for (const seen_record& seen : handler.seen) ++counts[seen.partition];
  EXPECT_THAT(counts, Each(testing::Pair(testing::_, testing::Ge(10))));
  EXPECT_THAT(counts, SizeIs(4));
  co_await member.close(5s);
}

TEST_F(a_consumer, gives_every_partition_its_turn) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(be_fair(w, handler, member));
}

awaitable<void> hold_records_over_close(world& w, recording_handler& handler, consumer& member) {
  handler.keep_records = true;
  handler.during_revoke = [&handler](std::vector<slot_id>) -> awaitable<void> {
    handler.kept.front().detach(); // a detached record does not hold the consumer up
    while (handler.kept.size() > 1) handler.kept.pop_back();
    co_return;
  };
  co_await fill(w, "event", partitions, 100);
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() == 100; });
  co_await member.close(5s);
}

TEST_F(a_consumer, closes_when_the_last_record_is_given_back) {
  {
    consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
    w.run(hold_records_over_close(w, handler, member));
  }
  EXPECT_EQ(lines.count("outlive"), 0U);
  ASSERT_THAT(handler.kept, SizeIs(1));
  EXPECT_EQ(handler.kept.front().value(), handler.seen.front().value);
  EXPECT_EQ(handler.kept.front().topic(), "event");
}

awaitable<void> close_twice(consumer& member) {
  co_await member.close(1s);
  co_await member.close(1s);
  co_await member.run(); // after close: nothing
}

TEST_F(a_consumer, may_be_closed_before_it_was_started_and_twice) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(close_twice(member));
  EXPECT_EQ(handler.assignments, 0);
}

awaitable<void> close_while_assigning(world& w, recording_handler& handler, consumer& member) {
  bool closed = false;
  handler.during_assign = [&](std::vector<assigned_partition>&) -> awaitable<void> {
    w.spawn([](consumer& m, bool& done) -> awaitable<void> {
      co_await m.close(5s);
      done = true;
    }(member, closed));
    boost::asio::steady_timer timer(w.io, 50ms); // while the group is being left
    co_await timer.async_wait(use_awaitable);
  };
  w.spawn(member.run());
  co_await poll_until(w.io, [&] { return closed; });
}

TEST_F(a_consumer, can_be_closed_while_its_assignment_is_prepared) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(close_while_assigning(w, handler, member));
  EXPECT_EQ(handler.revocations, 1);
  EXPECT_THAT(handler.owned, IsEmpty());
  EXPECT_THAT(handler.lost, IsEmpty());
  EXPECT_EQ(lines.count("given up"), 0U);
}

awaitable<void> close_at_once(world& w, recording_handler& handler, consumer& member) {
  w.spawn(member.run());
  co_await handler.until([&] { return handler.assignments == 1; });
  co_await member.close(5s);
}

TEST_F(a_consumer, can_be_closed_as_soon_as_it_is_assigned) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(close_at_once(w, handler, member));
  EXPECT_EQ(handler.revocations, 1);
  EXPECT_EQ(lines.count("given up"), 0U);
}

awaitable<void> lose_the_broker(world& w, recording_handler& handler, consumer& member, log_lines& lines) {
  co_await fill(w, "event", partitions, 100);
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() == 100; });
  EXPECT_TRUE(member.group().connected);
  w.cluster.set_down(1);
  co_await poll_until(w.io, [&] { return !member.group().connected; });
  w.cluster.set_up(1);
  co_await fill(w, "event", partitions, 100);
  co_await handler.until([&] { return handler.seen.size() == 200; });
  co_await poll_until(w.io, [&] { return member.group().connected; });
  co_await member.close(5s);
  EXPECT_EQ(lines.count("not reachable"), 1U);
  EXPECT_EQ(lines.count("reachable again"), 1U);
}

TEST_F(a_consumer, outlives_its_broker_and_says_so_once) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(lose_the_broker(w, handler, member, lines));
}

awaitable<void> start_without_broker(world& w, recording_handler& handler, consumer& member) {
  co_await fill(w, "event", partitions, 40);
  w.cluster.set_down(1);
  w.spawn(member.run());
  co_await handler.until([&] { return !handler.errors.empty(); });
  EXPECT_EQ(member.group().state, group_state::joining);
  w.cluster.set_up(1);
  co_await handler.until([&] { return handler.seen.size() == 40; });
  EXPECT_EQ(member.group().state, group_state::stable);
  EXPECT_FALSE(member.group().member_id.empty());
  co_await member.close(5s);
}

TEST_F(a_consumer, waits_for_a_broker_that_is_down_at_the_start) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(start_without_broker(w, handler, member));
}

awaitable<void> ask_before_joining(world& w, recording_handler& handler, consumer& member, log_lines& lines) {
  w.cluster.push_errors(mock_request::join_group, std::vector<std::string>(1000, "COORDINATOR_LOAD_IN_PROGRESS"));
  w.spawn(member.run());
  // The cluster names a controller that there is not (as this one does), or none; the coordinator answers.
  co_await poll_until(w.io, [&] { return member.group().connected; });
  EXPECT_EQ(handler.assignments, 0);
  EXPECT_EQ(lines.count("not reachable"), 0U);
  co_await member.close(5s);
}

TEST_F(a_consumer, is_connected_where_the_coordinator_answers) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(ask_before_joining(w, handler, member, lines));
}

awaitable<void> seek_back(world& w, recording_handler& handler, consumer& member) {
  co_await fill(w, "event", partitions, 400);
  w.spawn(member.run());
  co_await handler.until([&] { return handler.seen.size() == 400; });
  const slot_id slot = member.assignment().front();
  const slot_name name = member.name_of(slot);
  handler.seen.clear();
  const result<void> moved = co_await member.seek(slot, 90);
  EXPECT_TRUE(moved.has_value());
  co_await handler.until([&] { return handler.seen.size() == 10; });
  EXPECT_EQ(handler.seen.front().partition, name.partition);
  EXPECT_EQ(handler.seen.front().offset, 90);
  EXPECT_THAT(handler.gaps, IsEmpty()); // asked for, not found
  const result<void> nowhere = co_await member.seek(slot + 77, 0);
  EXPECT_FALSE(nowhere.has_value());
  co_await member.close(5s);
}

TEST_F(a_consumer, moves_a_partition_to_another_offset) {
  consumer member(w.io.get_executor(), w.pool, w.settings(), handler, options());
  w.run(seek_back(w, handler, member));
}

} // namespace
} // namespace tocsin::kafka
