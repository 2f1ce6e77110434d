#include "flow_fixture.hpp"

#include <gmock/gmock.h>

namespace tocsin::app {
namespace {

using testing::ElementsAre;

// --- where it begins -----------------------------------------------------------------------------------------------------------

class a_flow_from_the_end : public flow_test {
protected:
  a_flow_from_the_end() : flow_test("start: latest") { cluster_.set_leader("event", 1, std::nullopt); }

  awaitable<void> wait_for_a_leader() {
    co_await until([this] { return assigned(0) && slot_of(1) != ~0U; });
    EXPECT_FALSE(assigned(1));
    cluster_.set_leader("event", 1, 1);
    // Its start is stored before there is anything to take: whoever comes after a crash begins there.
    co_await until([this] { return assigned(1) && flow_.engine().status(slot_of(1)).committed == 0; });
    EXPECT_EQ(totals().received, 0U);
    co_await produce(1, {"first"});
    co_await until([this] { return flow_.engine().status(slot_of(1)).committed == 1; });
    EXPECT_THAT(taken(), ElementsAre("first"));
  }
};

TEST_F(a_flow_from_the_end, commits_where_a_partition_begins_that_gets_its_leader_late) { run(wait_for_a_leader()); }

} // namespace
} // namespace tocsin::app
