// A consumer that takes the place of another: what it goes by of what that has learned of topics and clusters.
#include "real_kafka.hpp"

#include <gmock/gmock.h>

namespace tocsin::kafka::real {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A member that has read all, committed it, and left. What it remembers.
awaitable<consumer_memory> read_all(world& w, const std::string& topic, member& m, awaitable<void> created) {
  co_await std::move(created);
  co_await fill(w, topic, partitions, 40);
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.seen.size() == 40; });
  co_await m.client.close(5s);
  co_return m.client.memory();
}

awaitable<void> join(world& w, member& m) {
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.assigned.size() == partitions; });
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
}

class successor_on_a_real_kafka : public on_a_real_kafka {
protected:
  // The starts of a member with this memory, after one that has committed everything.
  std::vector<std::int64_t> starts_with(const std::function<void(consumer_memory&)>& change, config::kafka_settings how) {
    member before(w, settings(), options());
    consumer_options made = options();
    w.run([](world& all, std::string name, member& m, consumer_memory& into, awaitable<void> created) -> awaitable<void> {
      into = co_await read_all(all, name, m, std::move(created));
    }(w, topic, before, made.memory, create()));
    w.io.restart();
    change(made.memory);
    member after(w, how, made);
    w.run(join(w, after));
    outdated = after.handler.outdated;
    remembered = after.client.memory();
    std::vector<std::int64_t> starts;
    for (const assigned_partition& partition : after.handler.assigned) starts.push_back(partition.start);
    return starts;
  }
  int outdated = 0;
  consumer_memory remembered;
};

TEST_P(successor_on_a_real_kafka, begins_a_topic_made_anew_at_its_start_and_not_where_its_predecessor_was) {
  const auto starts = starts_with(
      [this](consumer_memory& memory) {
        EXPECT_THAT(memory.slots, testing::Each(testing::Field(&consumer_memory::slot::said, ElementsAre(10))));
        memory.topic_ids[topic] = "of the topic before";
      },
      settings());
  EXPECT_THAT(starts, testing::AllOf(SizeIs(partitions), testing::Each(0)));
  EXPECT_EQ(outdated, 1);
  EXPECT_TRUE(remembered.former[topic].contains("of the topic before"));
}

TEST_P(successor_on_a_real_kafka, begins_at_the_start_also_where_the_group_has_nothing_of_a_topic_made_anew) {
  config::kafka_settings later = settings();
  later.group += "-later";
  later.start = config::start_policy::latest;
  const auto starts = starts_with([this](consumer_memory& memory) { memory.former[topic] = {"of the topic before"}; }, later);
  EXPECT_THAT(starts, testing::AllOf(SizeIs(partitions), testing::Each(0)));
}

TEST_P(successor_on_a_real_kafka, goes_by_kafka_start_where_a_topic_made_anew_was_begun_before) {
  config::kafka_settings later = settings();
  later.group += "-later";
  later.start = config::start_policy::latest;
  const auto starts = starts_with(
      [this](consumer_memory& memory) {
        memory.former[topic] = {"of the topic before"};
        for (std::int32_t partition = 0; partition < partitions; ++partition) memory.begun.insert({topic, partition});
      },
      later);
  EXPECT_THAT(starts, testing::AllOf(SizeIs(partitions), testing::Each(10)));
}

TEST_P(successor_on_a_real_kafka, believes_an_offset_that_is_none_of_its_predecessors) {
  const auto starts = starts_with(
      [this](consumer_memory& memory) {
        memory.former[topic] = {"of the topic before"};
        memory.begun.clear();
        memory.stale = {{{topic, 0}, {9, 11}}};
      },
      settings());
  EXPECT_THAT(starts, testing::AllOf(SizeIs(partitions), testing::Each(10)));
  EXPECT_THAT(remembered.stale, IsEmpty());
  EXPECT_THAT(remembered.begun, SizeIs(partitions));
}

TEST_P(successor_on_a_real_kafka, knows_a_cluster_that_it_comes_back_to) {
  std::string here;
  const auto starts = starts_with(
      [&](consumer_memory& memory) {
        here = memory.cluster_id.value_or("");
        memory.former[topic] = {memory.topic_ids[topic]};
        memory.topic_ids[topic] = "of the topic there";
        memory.cluster_id = "there";
      },
      settings());
  EXPECT_THAT(starts, testing::AllOf(SizeIs(partitions), testing::Each(10)));
  EXPECT_EQ(outdated, 1);
  EXPECT_EQ(remembered.cluster_id, here);
  EXPECT_THAT(remembered.former, IsEmpty());
}

awaitable<void> grow(world& w, const std::string& topic, member& m, admin_client& admin, awaitable<void> created) {
  co_await std::move(created);
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.assigned.size() == partitions; });
  m.handler.during_revoke = nullptr;
  co_await make_anew(topic, admin, 2 * partitions);
  co_await m.handler.until([&] { return m.handler.outdated == 1; });
  co_await m.client.close(15s, parting::for_good);
}

awaitable<void> own_all(world& w, member& m, std::size_t count) {
  w.spawn(m.client.run());
  co_await m.handler.until([&] { return m.handler.owned.size() == count; });
  m.handler.during_revoke = nullptr;
  co_await m.client.close(5s);
}

TEST_P(successor_on_a_real_kafka, by_the_same_name_reads_what_a_topic_made_anew_has_more) {
  config::kafka_settings named = settings();
  named.instance_id = "tocsin-0";
  member before(w, named, options());
  w.run(grow(w, topic, before, *admin, create()));
  w.io.restart();
  consumer_options made = options();
  made.memory = before.client.memory();
  member after(w, named, made);
  w.run(own_all(w, after, 2UL * partitions));
}

INSTANTIATE_TEST_SUITE_P(protocols, successor_on_a_real_kafka, protocols, short_name);

} // namespace
} // namespace tocsin::kafka::real
