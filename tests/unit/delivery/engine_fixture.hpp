// An engine with a clock that the test turns, and short words for what a relay does with it.
#pragma once

#include "delivery/engine.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace tocsin::delivery {

using namespace std::chrono_literals;

struct engine_test : testing::Test {
  engine_settings settings;
  time_point now{1000h};
  std::int64_t next_offset = 0;

  // Built on first use, so that a test may change the settings before; partition 0 is ours then, from offset 0 on.
  engine& relay() {
    if (!made_) {
      made_.emplace(settings, 1);
      made_->assign(0, 0);
    }
    return *made_;
  }

  // A new process: what the old one knew is gone.
  engine& restart() {
    made_.emplace(settings, 2);
    return *made_;
  }

  event_id offer(lane_key key) { return offer(0, next_offset++, key); }
  event_id offer(slot_id slot, std::int64_t offset, std::optional<lane_key> key) {
    EXPECT_EQ(relay().arrive(slot, offset), offset_tracker::arrival::fresh);
    return relay().offer(slot, offset, 10, key, now);
  }

  // The next attempt, and that it is this event's.
  void expect_start(event_id id) {
    const auto attempt = relay().next_attempt(now);
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->id, id);
  }

  engine::verdict end(event_id id, outcome result, std::optional<std::chrono::milliseconds> retry_after = {}) {
    return relay().finished(id, result, retry_after, now);
  }

  void deliver(event_id id) {
    expect_start(id);
    EXPECT_EQ(end(id, outcome::delivered).next, engine::verdict::next_step::settled);
  }

  // Enough successes that as many attempts as there are connections may go at once.
  void warm_up() {
    for (std::uint32_t n = 0; n < settings.health.connections; ++n) deliver(offer(1'000'000 + n));
    commit();
    relay().take_settled(settled);
  }

  void advance(duration by) {
    now += by;
    relay().tick(now);
  }

  std::vector<commit_entry> commit(bool succeeds = true) {
    auto entries = relay().begin_commit(now);
    const std::unique_ptr<bool[]> results(new bool[entries.size()]);
    std::fill_n(results.get(), entries.size(), succeeds);
    relay().commit_finished({results.get(), entries.size()}, now);
    return entries;
  }

  std::vector<settled_event> settled;
  std::vector<settlement> take_settlements() {
    relay().take_settled(settled);
    std::vector<settlement> kinds;
    for (const auto& gone : settled) kinds.push_back(gone.settlement);
    return kinds;
  }

  void TearDown() override { relay().check(); }

private:
  std::optional<engine> made_;
};

} // namespace tocsin::delivery
