#include "support.hpp"

#include <gmock/gmock.h>

#include <map>

namespace tocsin::kafka {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr int partitions = 4;

consumer_options quick(log_lines& lines) {
  consumer_options made;
  made.watermark_interval = 50ms;
  made.request_timeout = 2s;
  made.log = lines.sink();
  return made;
}

class in_a_group : public testing::Test {
protected:
  in_a_group() { w.cluster.create_topic("event", partitions); }
  world w;
  log_lines lines;
};

// --- two members ---------------------------------------------------------------------------------------------------------------

struct member {
  member(world& w, const config::kafka_settings& settings, log_lines& lines)
      : handler(w.io), client(w.io.get_executor(), w.pool, settings, handler, quick(lines)) {
    handler.take = [this](const seen_record& seen) { next[seen.partition] = seen.offset + 1; };
    handler.during_revoke = [this](std::vector<slot_id> slots) {
      revoked_of.emplace_back(slots.size(), handler.owned.size());
      return commit_all(std::move(slots));
    };
    handler.during_assign = [this](std::vector<assigned_partition>& added) -> awaitable<void> {
      for (const assigned_partition& partition : added) next[partition.partition] = partition.start;
      co_return;
    };
  }

  awaitable<void> commit_all(std::vector<slot_id> slots) {
    std::vector<commit_entry> entries;
    for (const slot_id slot : slots) entries.push_back({slot, next[client.name_of(slot).partition], "m"});
    handed_over = co_await client.commit(std::move(entries));
  }

  recording_handler handler;
  consumer client;
  std::map<std::int32_t, std::int64_t> next;
  commit_result handed_over;
  std::vector<std::pair<std::size_t, std::size_t>> revoked_of; // how many at each revocation, of how many it had
};

std::set<std::int32_t> owned_by(const member& m) {
  std::set<std::int32_t> numbers;
  for (const slot_id slot : m.handler.owned) numbers.insert(m.client.name_of(slot).partition);
  return numbers;
}

// The mock refuses commits from the moment a member joins; a real broker takes them until the leader has assigned. A member that
// gives up partitions in the middle is in time now and then: what it handed over is not read again. (On a real broker it always
// is: on_a_real_kafka.two_members_hand_partitions_over_with_nothing_twice.)
awaitable<void> share(world& w, member& first, member& second) {
  co_await fill(w, "event", partitions, 400);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 400; });
  w.spawn(second.client.run());
  co_await poll_until(w.io, [&] { return first.handler.owned.size() == 2 && second.handler.owned.size() == 2; });
  std::set<std::int32_t> both = owned_by(first);
  both.merge(owned_by(second));
  EXPECT_THAT(both, SizeIs(4));
  const bool handed_over = first.handed_over.verdict == commit_verdict::ok;
  EXPECT_NE(first.handed_over.verdict, commit_verdict::not_a_member) << first.handed_over.message;

  co_await fill(w, "event", partitions, 400);
  co_await poll_until(w.io, [&] { return first.handler.seen.size() + second.handler.seen.size() >= 800; });
  if (handed_over) {
    EXPECT_EQ(second.handler.seen.size(), 200U); // nothing again: what the first had is committed
  }
  EXPECT_THAT(first.handler.lost, IsEmpty());
  EXPECT_THAT(second.handler.lost, IsEmpty());

  co_await second.client.close(5s); // its partitions come back
  co_await poll_until(w.io, [&] { return first.handler.owned.size() == 4 && first.client.group().state == group_state::stable; });
  co_await first.client.close(5s);
}

TEST_F(in_a_group, two_members_share_the_partitions_cooperatively) {
  member first(w, w.settings(), lines);
  member second(w, w.settings(), lines);
  w.run(share(w, first, second));
  // Two partitions for the second member, then all at its own end.
  ASSERT_THAT(first.revoked_of, SizeIs(testing::Ge(2U)));
  EXPECT_THAT(first.revoked_of.front(), Pair(2U, 4U));
  EXPECT_THAT(first.revoked_of.back(), Pair(4U, 4U));
}

TEST_F(in_a_group, two_members_share_the_partitions_eagerly) {
  config::kafka_settings settings = w.settings();
  settings.properties.emplace_back("partition.assignment.strategy", "range");
  member first(w, settings, lines);
  member second(w, settings, lines);
  w.run(share(w, first, second));
  // All of them at every change. How many changes there are is for the broker to say: whoever joins too late is waited for again.
  EXPECT_THAT(first.revoked_of, SizeIs(testing::Ge(3U)));
  for (const auto& [given_up, had] : first.revoked_of) EXPECT_EQ(given_up, had);
}

awaitable<void> revoke_slowly(world& w, member& first, member& second) {
  co_await fill(w, "event", partitions, 40);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 40; });
  std::size_t seen_at_revocation = 0;
  first.handler.during_revoke = [&](std::vector<slot_id> slots) -> awaitable<void> {
    seen_at_revocation = first.handler.seen.size();
    co_await first.commit_all(std::move(slots));
    co_await fill(w, "event", partitions, 40); // arrives while the partitions are being given up
    EXPECT_EQ(first.client.group().state, group_state::rebalancing);
  };
  w.spawn(second.client.run());
  co_await poll_until(w.io, [&] { return first.handler.revocations == 1 && second.handler.seen.size() >= 20; });
  const std::set<std::int32_t> kept = owned_by(first);
  co_await first.handler.until([&] { return first.handler.seen.size() == 60; });
  for (std::size_t i = seen_at_revocation; i < first.handler.seen.size(); ++i) {
    EXPECT_THAT(kept, Contains(first.handler.seen[i].partition)); // nothing of what was being revoked
  }
  first.handler.during_revoke = nullptr;
  co_await second.client.close(5s);
  co_await first.client.close(5s);
}

TEST_F(in_a_group, nothing_more_comes_of_a_partition_that_is_being_revoked) {
  member first(w, w.settings(), lines);
  member second(w, w.settings(), lines);
  w.run(revoke_slowly(w, first, second));
}

// The order to leave comes while some partitions are being given up.
awaitable<void> close_while_revoking(world& w, member& first, member& second) {
  co_await fill(w, "event", partitions, 40);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 40; });
  bool closed = false;
  first.handler.during_revoke = [&](std::vector<slot_id> slots) -> awaitable<void> {
    if (first.revoked_of.empty()) {
      w.spawn([](consumer& m, bool& done) -> awaitable<void> {
        co_await m.close(5s);
        done = true;
      }(first.client, closed));
      boost::asio::steady_timer timer(w.io, 50ms); // while the group is being left
      co_await timer.async_wait(use_awaitable);
    } else {
      const std::size_t seen = first.handler.seen.size();
      co_await fill(w, "event", partitions, 40); // arrives while they are being given up
      EXPECT_EQ(first.handler.seen.size(), seen);
    }
    first.revoked_of.emplace_back(slots.size(), first.handler.owned.size());
    co_await first.commit_all(std::move(slots));
    EXPECT_NE(first.handed_over.verdict, commit_verdict::not_a_member) << first.handed_over.message;
  };
  w.spawn(second.client.run());
  co_await poll_until(w.io, [&] { return closed; });
  co_await second.client.close(5s);
}

TEST_F(in_a_group, who_leaves_while_giving_up_some_partitions_hands_over_the_others_too) {
  member first(w, w.settings(), lines);
  member second(w, w.settings(), lines);
  w.run(close_while_revoking(w, first, second));
  EXPECT_THAT(first.handler.lost, IsEmpty()) << "what they had settled would be sent again by the next owner";
  EXPECT_THAT(first.revoked_of, ElementsAre(Pair(2U, 4U), Pair(2U, 2U)));
  EXPECT_EQ(lines.count("given up"), 0U);
}

// The order to give up some comes after the order to leave: all are given up then, and nothing more is taken of any.
awaitable<void> revoke_while_closing(world& w, member& first, member& second) {
  co_await fill(w, "event", partitions, 40);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 40; });
  std::size_t seen = 0;
  first.handler.during_revoke = [&](std::vector<slot_id> slots) -> awaitable<void> {
    first.revoked_of.emplace_back(slots.size(), first.handler.owned.size());
    co_await fill(w, "event", partitions, 40); // arrives while they are being given up
    seen = first.handler.seen.size();
  };
  w.spawn(second.client.run());
  co_await first.client.close(5s);
  EXPECT_EQ(first.handler.seen.size(), seen);
  co_await second.client.close(5s);
}

TEST_F(in_a_group, nothing_more_comes_of_any_partition_once_the_group_is_being_left) {
  member first(w, w.settings(), lines);
  member second(w, w.settings(), lines);
  w.run(revoke_while_closing(w, first, second));
  EXPECT_THAT(first.revoked_of, ElementsAre(Pair(4U, 4U)));
  EXPECT_EQ(first.handler.seen.size(), 40U);
}

awaitable<void> never_hand_over(world& w, member& m) {
  m.handler.during_revoke = [&w](std::vector<slot_id>) -> awaitable<void> {
    boost::asio::steady_timer timer(w.io, 24h);
    co_await timer.async_wait(use_awaitable);
  };
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.owned.size() == partitions; });
  bool closed = false;
  w.spawn([](consumer& client, bool& done) -> awaitable<void> {
    co_await client.close(24h);
    done = true;
  }(m.client, closed));
  co_await poll_until(w.io, [&] { return m.handler.revocations == 1; });
  co_await m.client.close(200ms); // what counts is who asked last
  co_await poll_until(w.io, [&] { return closed; });
  EXPECT_THAT(m.handler.owned, IsEmpty());
}

TEST_F(in_a_group, a_member_that_does_not_hand_over_in_time_ends_all_the_same) {
  for (const char* const assignor : {"range", "cooperative-sticky"}) {
    SCOPED_TRACE(assignor);
    config::kafka_settings settings = w.settings(std::string("of ") + assignor);
    settings.properties.emplace_back("partition.assignment.strategy", assignor);
    member m(w, settings, lines);
    w.run(never_hand_over(w, m));
    w.io.restart();
    EXPECT_THAT(m.handler.lost, SizeIs(partitions));
  }
  EXPECT_EQ(lines.count("given up"), 2U);
}

// --- where it begins -----------------------------------------------------------------------------------------------------------

awaitable<void> assign_once(world& w, recording_handler& handler, consumer& client) {
  w.spawn(client.run());
  co_await handler.until([&] { return handler.assignments > 0 || !handler.fatal.empty(); });
  co_await client.close(5s);
}

awaitable<void> begin(world& w, recording_handler& handler, config::kafka_settings settings, log_lines& lines) {
  consumer client(w.io.get_executor(), w.pool, settings, handler, quick(lines));
  co_await fill(w, "event", partitions, 40);
  co_await assign_once(w, handler, client);
}

TEST_F(in_a_group, begins_at_the_first_record_of_a_new_group) {
  recording_handler handler(w.io);
  w.run(begin(w, handler, w.settings(), lines));
  ASSERT_THAT(handler.assigned, SizeIs(partitions));
  for (const assigned_partition& partition : handler.assigned) {
    EXPECT_EQ(partition.committed, std::nullopt);
    EXPECT_EQ(partition.start, 0);
    EXPECT_EQ(partition.low, 0);
    EXPECT_EQ(partition.high, 10);
  }
}

TEST_F(in_a_group, begins_at_the_end_when_told_so) {
  recording_handler handler(w.io);
  config::kafka_settings settings = w.settings();
  settings.start = config::start_policy::latest;
  w.run(begin(w, handler, settings, lines));
  ASSERT_THAT(handler.assigned, SizeIs(partitions));
  for (const assigned_partition& partition : handler.assigned) EXPECT_EQ(partition.start, 10);
}

TEST_F(in_a_group, does_not_begin_without_committed_offsets_when_told_so) {
  recording_handler handler(w.io);
  config::kafka_settings settings = w.settings();
  settings.start = config::start_policy::none;
  w.run(begin(w, handler, settings, lines));
  EXPECT_EQ(handler.assignments, 0);
  EXPECT_THAT(handler.seen, IsEmpty());
  ASSERT_THAT(handler.fatal, SizeIs(1));
  EXPECT_THAT(handler.fatal.front().message, AllOf(HasSubstr("kafka.start"), HasSubstr("event-0, event-1, event-2, event-3")));
}

awaitable<void> commit_and_return(world& w, recording_handler& before, recording_handler& after, log_lines& lines) {
  co_await fill(w, "event", partitions, 40);
  {
    consumer client(w.io.get_executor(), w.pool, w.settings(), before, quick(lines));
    w.spawn(client.run());
    co_await before.until([&] { return before.assignments == 1; });
    std::vector<commit_entry> entries;
    for (const slot_id slot : client.assignment()) {
      if (client.name_of(slot).partition == 3) continue; // stays without
      entries.push_back({slot, 4 + client.name_of(slot).partition, std::string(4000, 'x') + std::to_string(slot)});
    }
    const commit_result done = co_await client.commit(entries);
    EXPECT_EQ(done.verdict, commit_verdict::ok) << done.message;
    EXPECT_THAT(done.entries, SizeIs(3));
    co_await client.close(5s);
  }
  config::kafka_settings settings = w.settings();
  settings.start = config::start_policy::latest; // applies to the one without
  consumer client(w.io.get_executor(), w.pool, settings, after, quick(lines));
  w.spawn(client.run());
  co_await after.until([&] { return after.seen.size() == 6 + 5 + 4; });
  co_await client.close(5s);
}

TEST_F(in_a_group, begins_where_the_group_has_committed_and_gets_the_metadata_back) {
  recording_handler before(w.io);
  recording_handler after(w.io);
  w.run(commit_and_return(w, before, after, lines));
  ASSERT_THAT(after.assigned, SizeIs(partitions));
  for (const assigned_partition& partition : after.assigned) {
    if (partition.partition == 3) {
      EXPECT_EQ(partition.committed, std::nullopt);
      EXPECT_EQ(partition.start, 10);
      continue;
    }
    EXPECT_EQ(partition.committed, 4 + partition.partition);
    EXPECT_EQ(partition.start, 4 + partition.partition);
    EXPECT_EQ(partition.metadata.size(), 4001U);
  }
  for (const seen_record& seen : after.seen) EXPECT_GE(seen.offset, 4 + seen.partition);
  EXPECT_THAT(after.gaps, IsEmpty());
}

awaitable<void> change_the_start(world& w, recording_handler& handler, consumer& client) {
  co_await fill(w, "event", partitions, 40);
  handler.during_assign = [](std::vector<assigned_partition>& added) -> awaitable<void> {
    for (assigned_partition& partition : added) partition.start = 8;
    co_return;
  };
  w.spawn(client.run());
  co_await handler.until([&] { return handler.seen.size() == 8; });
  co_await client.close(5s);
  for (const seen_record& seen : handler.seen) EXPECT_GE(seen.offset, 8);
}

TEST_F(in_a_group, begins_where_the_handler_says) {
  recording_handler handler(w.io);
  consumer client(w.io.get_executor(), w.pool, w.settings(), handler, quick(lines));
  w.run(change_the_start(w, handler, client));
}

awaitable<void> begin_late(world& w, recording_handler& handler, consumer& client) {
  co_await fill(w, "event", partitions, 40);
  w.cluster.set_leader("event", 2, std::nullopt);
  handler.wants = [&](slot_id slot) {
    EXPECT_TRUE(client.name_of(slot).partition != 2 || !handler.started.empty()) << "taken before it has begun";
    return true;
  };
  w.spawn(client.run());
  co_await handler.until([&] { return handler.assignments == 1; });
  for (const assigned_partition& partition : handler.assigned) EXPECT_EQ(partition.start, partition.partition == 2 ? -1 : 10);
  co_await poll_until(w.io, [&] { return client.group().state == group_state::stable; });
  w.cluster.set_leader("event", 2, 1);
  co_await handler.until([&] { return !handler.started.empty(); });
  EXPECT_EQ(handler.started.front().partition, 2);
  EXPECT_EQ(handler.started.front().start, 10);
  EXPECT_EQ(handler.started.front().committed, std::nullopt);
  co_await fill(w, "event", partitions, 40);
  co_await handler.until([&] { return handler.seen.size() == 40; });
  for (const seen_record& seen : handler.seen) EXPECT_GE(seen.offset, 10);
  co_await client.close(5s);
}

TEST_F(in_a_group, a_partition_without_a_leader_begins_when_it_has_one) {
  recording_handler handler(w.io);
  config::kafka_settings settings = w.settings();
  settings.start = config::start_policy::latest;
  consumer_options options = quick(lines);
  options.request_timeout = 300ms;
  options.patience = 100ms;
  consumer client(w.io.get_executor(), w.pool, settings, handler, options);
  w.run(begin_late(w, handler, client));
  EXPECT_THAT(handler.started, SizeIs(1));
  EXPECT_THAT(handler.gaps, IsEmpty());
}

// --- what retention has deleted ------------------------------------------------------------------------------------------------

awaitable<void> fall_behind(world& w, recording_handler& handler, log_lines& lines) {
  w.cluster.create_topic("small", 1);
  config::kafka_settings settings = w.settings();
  settings.topics = {"small"};
  co_await fill(w, "small", 1, 3);
  {
    consumer client(w.io.get_executor(), w.pool, settings, handler, quick(lines));
    w.spawn(client.run());
    co_await handler.until([&] { return handler.seen.size() == 3; });
    const commit_result done = co_await client.commit({{client.assignment().front(), 3, {}}});
    EXPECT_EQ(done.verdict, commit_verdict::ok);
    co_await client.close(5s);
  }
  co_await fill(w, "small", 1, 800, std::string(10000, 'x')); // more than a partition of the mock keeps
  handler.seen.clear();
  consumer client(w.io.get_executor(), w.pool, settings, handler, quick(lines));
  w.spawn(client.run());
  co_await handler.until([&] { return !handler.seen.empty() && handler.seen.back().offset == 802; });
  co_await client.close(5s);
}

TEST_F(in_a_group, counts_what_was_deleted_before_it_was_read) {
  recording_handler handler(w.io);
  w.run(fall_behind(w, handler, lines));
  ASSERT_THAT(handler.gaps, SizeIs(1));
  EXPECT_EQ(handler.gaps.front().from, 3);
  EXPECT_EQ(handler.gaps.front().to, handler.seen.front().offset);
  EXPECT_GT(handler.gaps.front().to, 3);
  EXPECT_EQ(lines.count("deleted before they were read"), 1U);
  EXPECT_EQ(handler.assigned.back().committed, 3);
}

} // namespace
} // namespace tocsin::kafka
