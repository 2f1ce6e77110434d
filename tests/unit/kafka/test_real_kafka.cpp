// What the in-process cluster cannot show: protocols, times, deletion.
#include "real_kafka.hpp"

#include <gmock/gmock.h>

namespace tocsin::kafka::real {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

awaitable<void> share(world& w, const std::string& topic, member& first, member& second, awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, partitions, 400);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 400; });
  w.spawn(second.client.run());
  co_await poll_until(w.io, [&] { return first.handler.owned.size() == 2 && second.handler.owned.size() == 2; });
  co_await fill(w, topic, partitions, 400);
  co_await poll_until(w.io, [&] { return first.handler.seen.size() + second.handler.seen.size() >= 800; });
  EXPECT_EQ(second.handler.seen.size(), 200U);
  EXPECT_EQ(first.handler.seen.size(), 600U);
  EXPECT_FALSE(first.client.group().member_id.empty());
  EXPECT_TRUE(first.client.group().generation.has_value());
  co_await second.client.close(5s);
  co_await poll_until(w.io, [&] { return first.handler.owned.size() == 4; });
  const membership still = co_await first.client.prove_membership();
  EXPECT_EQ(still, membership::confirmed);
  co_await first.client.close(5s);
  EXPECT_THAT(first.handler.lost, IsEmpty());
  EXPECT_THAT(second.handler.lost, IsEmpty());
}

TEST_P(on_a_real_kafka, two_members_hand_partitions_over_with_nothing_twice) {
  member first(w, settings(), options());
  member second(w, settings(), options());
  w.run(share(w, topic, first, second, create()));
}

awaitable<void> fall_behind(world& w, const std::string& topic, member& m, admin_client& admin, awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, 1, 50);
  m.handler.room = 0;
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.assignments == 1; });
  co_await poll_until(w.io, [&] { return m.client.watermarks_of(0).high == 50; });
  const slot_id slot = 0; // of partition 0, where everything is
  m.handler.room = recording_handler::unlimited;
  m.client.resume_intake();
  co_await m.handler.until([&] { return m.handler.seen.size() == 50; });
  m.handler.room = 0;
  co_await fill(w, topic, 1, 20000, std::string(1000, 'x')); // more than is prefetched
  const result<void> cut = co_await admin.delete_records({topic, 0}, 19000);
  EXPECT_TRUE(cut.has_value()) << cut.error().message;
  co_await poll_until(w.io, [&] { return m.client.watermarks_of(slot).low == 19000; });
  m.handler.room = recording_handler::unlimited;
  m.client.resume_intake();
  co_await m.handler.until([&] { return m.handler.seen.back().offset == 20049; });
  EXPECT_EQ(m.handler.gaps.size(), 1U);
  EXPECT_EQ(m.handler.gaps.front().to, 19000);
  std::int64_t expected = 0;
  for (const seen_record& seen : m.handler.seen) {
    if (expected == m.handler.gaps.front().from) expected = m.handler.gaps.front().to;
    EXPECT_EQ(seen.offset, expected++);
  }
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
}

TEST_P(on_a_real_kafka, a_gap_that_retention_made_is_told_with_its_bounds) {
  member m(w, settings(), options());
  w.run(fall_behind(w, topic, m, *admin, create()));
}

awaitable<void> lose_all(world& w, const std::string& topic, member& m, admin_client& admin, awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, 1, 50);
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.seen.size() == 50; });
  const commit_result done = co_await m.client.commit({{0, 20, {}}});
  EXPECT_EQ(done.verdict, commit_verdict::ok);
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
  const result<void> cut = co_await admin.delete_records({topic, 0}, 50);
  EXPECT_TRUE(cut.has_value());
}

awaitable<void> find_nothing(member& m) {
  co_await m.handler.until([&] { return !m.handler.gaps.empty(); });
  EXPECT_EQ(m.handler.gaps.front().from, 20);
  EXPECT_EQ(m.handler.gaps.front().to, 50);
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
}

TEST_P(on_a_real_kafka, a_gap_is_told_also_where_nothing_comes_after_it) {
  member before(w, settings(), options());
  w.run(lose_all(w, topic, before, *admin, create()));
  w.io.restart();
  member after(w, settings(), options());
  w.spawn(after.client.run());
  w.run(find_nothing(after));
}

awaitable<void> empty_the_topic(world& w, const std::string& topic, member& m, admin_client& admin, awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, partitions, 40);
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.seen.size() == 40; });
  co_await make_anew(topic, admin);
  co_await m.handler.until([&] { return m.handler.outdated == 1; });
  // With the consumer protocol, the broker may have taken them away before.
  if (m.handler.owned.size() == partitions && m.handler.assignments == 1) EXPECT_THAT(m.handler.gaps, SizeIs(partitions));
  for (const recording_handler::gap& gap : m.handler.gaps) {
    EXPECT_EQ(gap.from, 10);
    EXPECT_EQ(gap.to, 0);
  }
  co_await fill(w, topic, partitions, 40);
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
  // Nothing of the new topic by the client that knew the old one, but where the group has given it that as well.
  if (m.handler.assignments == 1) EXPECT_EQ(m.handler.seen.size(), 40U);
}

awaitable<void> read_forty(world& w, member& m) {
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.seen.size() == 40; });
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
  EXPECT_THAT(m.handler.gaps, IsEmpty());
  EXPECT_EQ(m.handler.outdated, 0);
}

TEST_P(on_a_real_kafka, a_log_made_anew_is_told_also_while_it_is_empty_and_read_by_a_successor) {
  member m(w, settings(), options());
  w.run(empty_the_topic(w, topic, m, *admin, create()));
  w.io.restart();
  consumer_options made = options();
  made.memory = m.client.memory();
  EXPECT_THAT(made.memory.slots, SizeIs(partitions));
  EXPECT_THAT(made.memory.topic_ids, SizeIs(1));
  EXPECT_THAT(made.memory.former, SizeIs(1));
  member successor(w, settings(), made);
  w.run(read_forty(w, successor));
  for (slot_id slot = 0; slot < partitions; ++slot)
    EXPECT_EQ(successor.client.name_of(slot).partition, m.client.name_of(slot).partition);
}

// The first member gives partitions away, which takes until it has been told of the new log.
awaitable<void> hand_over_a_new_log(world& w, const std::string& topic, member& first, member& second, admin_client& admin,
                                    awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, partitions, 40);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.seen.size() == 40; });
  co_await first.commit_all({0, 1, 2, 3});
  bool told = false;
  first.handler.during_revoke = [&](std::vector<slot_id>) -> awaitable<void> {
    if (std::exchange(told, true)) co_return;
    co_await make_anew(topic, admin);
    co_await first.handler.until([&] { return first.handler.gaps.size() == partitions; });
    for (auto& [partition, offset] : first.next) offset = 0;
    EXPECT_EQ(first.handler.outdated, 1);
    co_await first.commit_all({0, 1, 2, 3});
  };
  w.spawn(second.client.run());
  co_await second.handler.until([&] { return !second.handler.assigned.empty(); });
  for (const assigned_partition& given : second.handler.assigned) EXPECT_EQ(given.start, 0) << given.partition;
  for (const recording_handler::gap& gap : first.handler.gaps) EXPECT_EQ(gap.to, 0);
  second.handler.during_revoke = nullptr;
  co_await first.client.close(5s);
  co_await second.client.close(5s);
}

TEST_P(on_a_real_kafka, a_log_made_anew_while_it_is_handed_over_is_told_as_well) {
  member first(w, settings(), options());
  member second(w, settings(), options());
  w.run(hand_over_a_new_log(w, topic, first, second, *admin, create()));
  for (slot_id slot = 0; slot < partitions; ++slot)
    EXPECT_FALSE(first.client.memory().stale.contains({topic, static_cast<std::int32_t>(slot)})) << slot;
}

awaitable<void> begin_at(world& w, const std::string& topic, member& m, awaitable<void> created) {
  co_await std::move(created);
  producer_options options;
  options.brokers = w.brokers;
  producer source(w.io.get_executor(), w.pool, std::move(options));
  w.spawn(source.run());
  for (std::int64_t i = 0; i < 10; ++i) {
    outgoing message;
    message.topic = topic;
    message.partition = 0;
    message.value = "x";
    message.timestamp_ms = 1700000000000 + i * 1000;
    EXPECT_EQ(source.send(message, 1), std::nullopt);
  }
  co_await source.close(5s);
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.seen.size() == 4; });
  EXPECT_EQ(m.handler.seen.front().offset, 6);
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
}

TEST_P(on_a_real_kafka, a_new_group_begins_at_a_time) {
  config::kafka_settings at = settings();
  at.start = config::start_policy::at_time;
  at.start_time_ms = 1700000000000 + 5500;
  member m(w, at, options());
  w.run(begin_at(w, topic, m, create()));
}

awaitable<void> fence(world& w, member& first, member& second, awaitable<void> created) {
  co_await std::move(created);
  w.spawn(first.client.run());
  co_await first.handler.until([&] { return first.handler.assignments == 1; });
  w.spawn(second.client.run());
  co_await poll_until(w.io, [&] { return !first.handler.fatal.empty() || !second.handler.fatal.empty(); });
  first.handler.during_revoke = nullptr;
  second.handler.during_revoke = nullptr;
  co_await first.client.close(5s);
  co_await second.client.close(5s);
  const auto& fatal = first.handler.fatal.empty() ? second.handler.fatal : first.handler.fatal;
  EXPECT_EQ(fatal.size(), 1U);
  EXPECT_THAT(fatal.front().code, testing::AnyOf("FENCED_INSTANCE_ID", "UNRELEASED_INSTANCE_ID"));
}

TEST_P(on_a_real_kafka, two_members_of_one_name_are_one_too_many) {
  config::kafka_settings named = settings();
  named.instance_id = "tocsin-0";
  member first(w, named, options());
  member second(w, named, options());
  w.run(fence(w, first, second, create()));
}

awaitable<void> leave_early(world& w, member& first, awaitable<void> created) {
  co_await std::move(created);
  bool closed = false;
  first.handler.during_revoke = nullptr;
  first.handler.during_assign = [&](std::vector<assigned_partition>&) -> awaitable<void> {
    w.spawn([](consumer& m, bool& done) -> awaitable<void> {
      co_await m.close(5s);
      done = true;
    }(first.client, closed));
    boost::asio::steady_timer timer(w.io, 50ms);
    co_await timer.async_wait(use_awaitable);
  };
  w.spawn(first.client.run());
  co_await poll_until(w.io, [&] { return closed; });
}

TEST_P(on_a_real_kafka, a_member_can_leave_while_its_assignment_is_prepared) {
  member first(w, settings(), options());
  w.run(leave_early(w, first, create()));
  EXPECT_LE(first.handler.revocations, 1); // an eager member is gone before there is anything to give back
  EXPECT_EQ(lines.count("given up"), 0U);
}

INSTANTIATE_TEST_SUITE_P(protocols, on_a_real_kafka, protocols, short_name);

} // namespace
} // namespace tocsin::kafka::real
