// What is promised (docs/guarantees.md), as far as the engine alone keeps it.
#include "engine_fixture.hpp"

#include <random>
#include <set>

namespace tocsin::delivery {
namespace {

using next_step = engine::verdict::next_step;

struct promises_test : engine_test {};

TEST_F(promises_test, promise_1_nothing_is_lost_because_no_commit_passes_an_unsettled_event) {
  settings.health.connections = 32;
  warm_up();
  std::mt19937 random(1);
  std::set<std::int64_t> unsettled;
  for (int round = 0; round < 2000; ++round) {
    if (relay().wants(0)) {
      offer(random() % 20);
      unsettled.insert(next_offset - 1);
    }
    if (const auto attempt = relay().next_attempt(now)) {
      const auto offset = relay().get(attempt->id).offset;
      const auto results = {outcome::delivered, outcome::delivered, outcome::try_again, outcome::rejected};
      if (end(attempt->id, std::data(results)[random() % 4]).next == next_step::settled) unsettled.erase(offset);
    }
    if (const auto letter = relay().next_dead_letter()) {
      const auto offset = relay().get(*letter).offset;
      if (random() % 2 == 0) {
        relay().dead_letter_acknowledged(*letter, now);
        unsettled.erase(offset);
      } else {
        relay().dead_letter_failed(*letter, now);
      }
    }
    advance(std::chrono::milliseconds(random() % 100));
    for (const auto& entry : commit(random() % 4 != 0)) {
      const auto map = decode(entry.metadata, entry.offset);
      for (const auto offset : unsettled) {
        ASSERT_LE(entry.offset, offset);
        ASSERT_FALSE(map && map->settled(offset));
      }
    }
    relay().take_settled(settled);
  }
}

TEST_F(promises_test, promise_2_events_of_one_key_go_one_at_a_time_in_order_through_retries) {
  warm_up();
  std::vector<event_id> mine;
  for (int n = 0; n < 5; ++n) mine.push_back(offer(7));
  for (const auto id : mine) {
    for (int failures = 0; failures < 3; ++failures) {
      expect_start(id);
      EXPECT_FALSE(relay().next_attempt(now)) << "one at a time";
      const auto said = end(id, outcome::try_again);
      EXPECT_FALSE(relay().next_attempt(now)) << "the turn is kept while it waits";
      advance(said.retry_in);
    }
    deliver(id);
  }
}

TEST_F(promises_test, promise_2_different_keys_of_one_partition_go_in_parallel) {
  settings.health.connections = 1024;
  warm_up();
  for (lane_key key = 0; key < 1024; ++key) offer(key);
  EXPECT_EQ(relay().connections_wanted(now), 1024U);
  for (int n = 0; n < 1024; ++n) ASSERT_TRUE(relay().next_attempt(now));
  EXPECT_EQ(relay().in_flight(), 1024U);
}

TEST_F(promises_test, promise_2_order_survives_a_reassignment) {
  warm_up();
  const auto first = offer(7);
  const auto offset = next_offset - 1;
  expect_start(first);
  relay().release(0, now); // lost, with the attempt in flight
  relay().assign(0, offset);
  const auto again = offer(0, offset, 7);
  const auto second = offer(0, offset + 1, 7);
  EXPECT_FALSE(relay().next_attempt(now));
  end(first, outcome::delivered);
  deliver(again);
  deliver(second);
}

TEST_F(promises_test, promise_3_no_more_than_max_uncommitted_can_be_sent_twice_after_a_kill) {
  settings.max_uncommitted = 100;
  settings.max_in_flight = 1000;
  relay();
  std::uint64_t handled = 0;
  while (relay().wants(0)) {
    deliver(offer(handled++)); // and no commit succeeds
    commit(false);
  }
  EXPECT_EQ(handled, 100U);
  commit();
  EXPECT_TRUE(relay().wants(0));
}

TEST_F(promises_test, promise_3_after_a_clean_stop_nothing_is_sent_twice_even_behind_a_slow_key) {
  settings.health.connections = 8;
  warm_up();
  const auto base = next_offset;
  const auto slow = offer(7);
  expect_start(slow);
  end(slow, outcome::try_again);
  for (lane_key key = 100; key < 200; ++key) deliver(offer(key));
  relay().stop(0, now);
  ASSERT_TRUE(relay().quiet(0));
  const auto entry = commit().front();
  relay().release(0, now);
  EXPECT_EQ(entry.offset, base);

  restart().assign(0, entry.offset, entry.metadata);
  EXPECT_EQ(relay().arrive(0, base), offset_tracker::arrival::fresh);
  relay().offer(0, base, 10, 7, now);
  for (auto offset = base + 1; offset < next_offset; ++offset)
    EXPECT_EQ(relay().arrive(0, offset), offset_tracker::arrival::settled_before);
}

TEST_F(promises_test, promise_4_twenty_minutes_of_401_lose_nothing_and_cost_only_probes) {
  warm_up();
  std::vector<event_id> mine;
  for (lane_key key = 0; key < 100; ++key) mine.push_back(offer(key));
  const auto until = now + 20min;
  int attempts = 0;
  while (now < until) {
    while (const auto attempt = relay().next_attempt(now)) {
      ++attempts;
      const auto said = end(attempt->id, outcome::endpoint_fault);
      ASSERT_EQ(said.next, next_step::retry);
    }
    ASSERT_FALSE(relay().next_dead_letter());
    const auto due = relay().next_due(now);
    ASSERT_NE(due, never);
    advance(std::max<duration>(due - now, 1ms));
  }
  EXPECT_LT(attempts, 64 + 5 + 60) << "those in flight, and then a probe every half minute";
  std::size_t delivered = 0;
  for (int n = 0; n < 10'000 && delivered < mine.size(); ++n) {
    while (const auto attempt = relay().next_attempt(now)) {
      end(attempt->id, outcome::delivered);
      ++delivered;
    }
    if (const auto due = relay().next_due(now); due != never) advance(std::max<duration>(due - now, 1ms));
  }
  EXPECT_EQ(delivered, mine.size());
}

TEST_F(promises_test, promise_4_attempts_while_the_endpoint_is_down_do_not_count_against_the_event) {
  settings.retry.max_attempts = 2;
  settings.health.faults_in_a_row = 1;
  const auto id = offer(1);
  for (int n = 0; n < 50; ++n) {
    expect_start(id);
    ASSERT_EQ(end(id, outcome::try_again).next, next_step::retry);
    advance(1min);
  }
}

TEST_F(promises_test, promise_4_nothing_is_sent_before_the_retry_after_is_over) {
  warm_up();
  const auto throttled = offer(1);
  offer(2);
  expect_start(throttled);
  end(throttled, outcome::try_again, 5000ms);
  for (int n = 0; n < 49; ++n) {
    advance(100ms);
    EXPECT_EQ(relay().connections_wanted(now), 0U);
    EXPECT_FALSE(relay().next_attempt(now));
  }
  EXPECT_EQ(relay().next_due(now), now + 100ms);
  advance(100ms);
  EXPECT_TRUE(relay().next_attempt(now));
}

TEST_F(promises_test, promise_4_the_time_of_an_outage_does_not_make_events_expire) {
  settings.retry.max_age = 1min;
  settings.health.faults_in_a_row = 1;
  const auto id = offer(1);
  expect_start(id);
  end(id, outcome::endpoint_fault);
  advance(10h);
  deliver(id);
}

TEST_F(promises_test, promise_5_the_ledger_balances_after_every_step) {
  settings.health.connections = 4;
  std::mt19937 random(2);
  std::vector<event_id> flying;
  for (int n = 0; n < 3000; ++n) {
    switch (random() % 6) {
    case 0:
      if (relay().wants(0)) offer(random() % 5);
      break;
    case 1:
      if (relay().wants(0) && relay().arrive(0, next_offset) == offset_tracker::arrival::fresh)
        relay().offer_skipped(0, next_offset++);
      break;
    case 2:
      if (const auto attempt = relay().next_attempt(now)) flying.push_back(attempt->id);
      break;
    case 3:
      if (flying.empty()) break;
      end(flying.back(), random() % 2 == 0 ? outcome::delivered : outcome::rejected);
      flying.pop_back();
      break;
    case 4:
      if (const auto letter = relay().next_dead_letter()) relay().dead_letter_acknowledged(*letter, now);
      break;
    case 5:
      if (random() % 20 != 0) break;
      relay().release(0, now);
      relay().assign(0, next_offset);
      break;
    }
    ASSERT_TRUE(relay().totals().balanced());
    relay().check();
  }
  EXPECT_GT(relay().totals().returned, 0U);
  EXPECT_GT(relay().totals().skipped, 0U);
}

TEST_F(promises_test, promise_6_what_was_in_flight_before_a_rewind_settles_nothing_after_it) {
  warm_up();
  const auto before = offer(7);
  expect_start(before);
  relay().stop(0, now);
  relay().release(0, now);
  relay().assign(0, 0); // rewound to the start
  const auto again = offer(0, 0, 7);
  EXPECT_EQ(end(before, outcome::delivered).next, next_step::returned);
  EXPECT_TRUE(relay().begin_commit(now).empty());
  EXPECT_EQ(relay().status(0).oldest_unsettled, 0);
  deliver(again);
}

TEST_F(promises_test, promise_7_the_window_bounds_events_and_bytes) {
  settings.max_in_flight = 50;
  settings.max_in_flight_bytes = 300;
  lane_key key = 0;
  while (relay().wants(0)) offer(key++); // 10 bytes each
  EXPECT_EQ(key, 30U);
  settings.max_in_flight_bytes = 1U << 20U;
  restart().assign(0, 0);
  next_offset = 0;
  for (key = 0; relay().wants(0);) offer(key++);
  EXPECT_EQ(key, 50U);
}

TEST_F(promises_test, promise_7_an_event_larger_than_the_window_still_goes_alone) {
  settings.max_in_flight_bytes = 5;
  ASSERT_TRUE(relay().wants(0));
  const auto id = offer(1);
  EXPECT_FALSE(relay().wants(0));
  deliver(id);
  EXPECT_TRUE(relay().wants(0));
}

TEST_F(promises_test, promise_7_a_million_keys_leave_nothing_behind) {
  std::uint32_t largest = 0;
  for (lane_key key = 0; key < 1'000'000; ++key) {
    const auto id = offer(key);
    largest = std::max(largest, index_of(id));
    const auto attempt = relay().next_attempt(now);
    relay().finished(attempt->id, outcome::delivered, {}, now);
    if (relay().commit_due(now)) commit();
    relay().take_settled(settled);
  }
  EXPECT_EQ(relay().lanes_in_use(), 0U);
  EXPECT_EQ(largest, 0U) << "one place in memory serves them all";
}

} // namespace
} // namespace tocsin::delivery
