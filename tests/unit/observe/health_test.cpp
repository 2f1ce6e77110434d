#include "observe/health.hpp"

#include <gmock/gmock.h>

namespace tocsin::observe {
namespace {

constexpr app::relay_health healthy{.loop_alive = true, .started = true, .joined = true, .draining = false};

TEST(health, all_probes_of_a_working_relay_say_ok) {
  for (const verdict& each : {livez(healthy), readyz(healthy), startupz(healthy)}) {
    EXPECT_TRUE(each.ok());
    EXPECT_EQ(each.text(), "ok\n");
  }
}

TEST(health, a_stalled_loop_fails_livez_and_readyz) {
  app::relay_health stalled = healthy;
  stalled.loop_alive = false;
  EXPECT_EQ(livez(stalled).text(), "not ok: relay-loop\n");
  EXPECT_EQ(readyz(stalled).text(), "not ok: relay-loop\n");
  EXPECT_TRUE(startupz(stalled).ok());
}

TEST(health, only_a_member_of_the_group_that_does_not_drain_is_ready) {
  app::relay_health joining = healthy, draining = healthy;
  joining.joined = false;
  draining.draining = true;
  EXPECT_EQ(readyz(joining).text(), "not ok: group-joined\n");
  EXPECT_EQ(readyz(draining).text(), "not ok: not-draining\n");
  EXPECT_TRUE(livez(joining).ok());
  EXPECT_TRUE(livez(draining).ok());
  EXPECT_TRUE(startupz(joining).ok());
}

TEST(health, before_the_start_nothing_has_stalled_and_nothing_is_ready) {
  constexpr app::relay_health starting{};
  EXPECT_TRUE(livez(starting).ok());
  EXPECT_FALSE(startupz(starting).ok());
  EXPECT_EQ(readyz(starting).text(), "not ok: started\n");
}

TEST(health, verbose_lists_each_check_and_why_it_fails) {
  app::relay_health draining = healthy;
  draining.draining = true;
  EXPECT_EQ(readyz(draining).verbose(), "[+]started ok\n[+]relay-loop ok\n[+]group-joined ok\n"
                                        "[-]not-draining failed: the relay is draining: it finishes what is in flight and stops\n"
                                        "not ok: not-draining\n");
  EXPECT_EQ(livez(healthy).verbose(), "[+]relay-loop ok\nok\n");
}

} // namespace
} // namespace tocsin::observe
