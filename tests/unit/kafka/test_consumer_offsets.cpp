#include "kafka/admin_requests.hpp"
#include "kafka/client_conf.hpp"
#include "kafka/errors.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

namespace tocsin::kafka {
namespace {

using testing::IsEmpty;

constexpr int partitions = 2;

class offsets_of_a_consumer : public testing::Test {
protected:
  offsets_of_a_consumer() : handler(w.io) {
    w.cluster.create_topic("event", partitions);
    consumer_options options;
    options.watermark_interval = 20ms;
    options.request_timeout = 2s;
    options.log = lines.sink();
    client = std::make_unique<consumer>(w.io.get_executor(), w.pool, w.settings(), handler, std::move(options));
  }

  awaitable<void> join() {
    w.spawn(client->run());
    co_await stable(1);
  }

  // The group has its n-th assignment and knows that it is taken.
  awaitable<void> stable(int assignments) {
    return poll_until(
        w.io, [this, assignments] { return handler.assignments == assignments && client->group().state == group_state::stable; });
  }

  // One commit that the broker answers with this error.
  awaitable<void> commit_into(std::string error, commit_verdict expected) {
    co_await join();
    w.cluster.push_errors(mock_request::offset_commit, {error});
    const commit_result answer = co_await client->commit({{0, 5, {}}, {1, 6, {}}});
    EXPECT_EQ(answer.verdict, expected) << answer.message;
    EXPECT_EQ(answer.entries.size(), 2U);
    for (const commit_outcome& outcome : answer.entries) {
      EXPECT_EQ(outcome.verdict, expected);
      EXPECT_EQ(outcome.code, error);
    }
    // Where it happens outside of a rebalance, the assignment is lost, too.
    const bool lost = error == "ILLEGAL_GENERATION" || expected == commit_verdict::not_a_member;
    if (lost) co_await stable(2);
    const commit_result next = co_await client->commit({{0, 5, {}}});
    EXPECT_EQ(next.verdict, commit_verdict::ok) << next.message;
    co_await client->close(5s);
  }

  world w;
  log_lines lines;
  recording_handler handler;
  std::unique_ptr<consumer> client;
};

TEST_F(offsets_of_a_consumer, are_committed_again_after_a_rebalance_in_progress) {
  w.run(commit_into("REBALANCE_IN_PROGRESS", commit_verdict::retry));
}

TEST_F(offsets_of_a_consumer, are_not_committed_by_who_is_no_member) {
  w.run(commit_into("UNKNOWN_MEMBER_ID", commit_verdict::not_a_member));
}

TEST_F(offsets_of_a_consumer, are_committed_again_where_a_rebalance_has_overtaken_them) {
  w.run(commit_into("ILLEGAL_GENERATION", commit_verdict::retry));
}

TEST_F(offsets_of_a_consumer, are_refused_without_authorization) {
  w.run(commit_into("GROUP_AUTHORIZATION_FAILED", commit_verdict::refused));
  EXPECT_EQ(lines.count("refuses to commit"), 1U);
}

TEST(a_commit_error, is_judged_by_what_helps_against_it) {
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_NO_ERROR), commit_verdict::ok);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS), commit_verdict::retry);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH), commit_verdict::retry);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR__TRANSPORT), commit_verdict::retry);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR__WAIT_COORD), commit_verdict::retry);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID), commit_verdict::not_a_member);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH), commit_verdict::not_a_member);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR__FATAL), commit_verdict::not_a_member);
  EXPECT_EQ(verdict_of(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE), commit_verdict::refused);
}

awaitable<void> commit_at_once(world& w, consumer& client, std::vector<commit_verdict>& verdicts, std::int64_t offset) {
  const commit_result done = co_await client.commit({{0, offset, {}}});
  verdicts.push_back(done.verdict);
  static_cast<void>(w);
}

awaitable<void> commit_in_parallel(world& w, recording_handler& handler, consumer& client) {
  w.spawn(client.run());
  co_await handler.until([&] { return handler.assignments == 1; });
  std::vector<commit_verdict> verdicts;
  for (std::int64_t offset = 1; offset <= 20; ++offset) w.spawn(commit_at_once(w, client, verdicts, offset));
  co_await poll_until(w.io, [&] { return verdicts.size() == 20; });
  EXPECT_THAT(verdicts, testing::Each(commit_verdict::ok));
  const membership still = co_await client.prove_membership();
  EXPECT_EQ(still, membership::confirmed);
  co_await client.close(5s);
}

TEST_F(offsets_of_a_consumer, are_committed_one_after_the_other) { w.run(commit_in_parallel(w, handler, *client)); }

awaitable<void> prove(world& w, recording_handler& handler, consumer& client, log_lines& lines) {
  w.spawn(client.run());
  co_await poll_until(w.io, [&] { return handler.assignments == 1 && client.group().state == group_state::stable; });
  const membership unproven = co_await client.prove_membership(); // with nothing committed
  EXPECT_EQ(unproven, membership::confirmed);
  const commit_result done = co_await client.commit({{0, 7, "kept"}});
  EXPECT_EQ(done.verdict, commit_verdict::ok);
  const membership confirmed = co_await client.prove_membership();
  EXPECT_EQ(confirmed, membership::confirmed);

  w.cluster.push_errors(mock_request::offset_commit, {"REBALANCE_IN_PROGRESS"});
  const membership unknown = co_await client.prove_membership();
  EXPECT_EQ(unknown, membership::unknown);
  w.cluster.push_errors(mock_request::offset_commit, {"UNKNOWN_MEMBER_ID"});
  const membership forgotten = co_await client.prove_membership();
  EXPECT_EQ(forgotten, membership::unknown);
  co_await handler.until([&] { return handler.lost.size() == partitions; });
  co_await handler.until([&] { return handler.assignments == 2; });
  membership again = membership::unknown; // the new generation may not be known everywhere yet
  while (again == membership::unknown) again = co_await client.prove_membership();
  EXPECT_EQ(again, membership::confirmed);
  co_await client.close(5s);

  recording_handler later(w.io);
  consumer_options options;
  options.log = lines.sink();
  consumer next(w.io.get_executor(), w.pool, w.settings(), later, std::move(options));
  w.spawn(next.run());
  co_await later.until([&] { return later.assignments == 1; });
  EXPECT_EQ(later.assigned[0].committed, 7); // proving has moved nothing
  EXPECT_EQ(later.assigned[0].metadata, "kept");
  co_await next.close(5s);
}

TEST_F(offsets_of_a_consumer, prove_its_membership_without_moving) { w.run(prove(w, handler, *client, lines)); }

awaitable<void> be_forgotten(world& w, recording_handler& handler, consumer& client, log_lines& lines) {
  w.spawn(client.run());
  co_await handler.until([&] { return handler.assignments == 1; });
  w.cluster.push_errors(mock_request::heartbeat, {"UNKNOWN_MEMBER_ID"}); // as for one that was stopped for too long
  co_await handler.until([&] { return handler.lost.size() == partitions; });
  EXPECT_EQ(handler.revocations, 0);
  const commit_result late = co_await client.commit({{0, 5, {}}});
  EXPECT_EQ(late.verdict, commit_verdict::not_a_member);
  co_await poll_until(w.io,
                      [&] { return handler.assignments == 2 && client.group().state == group_state::stable; }); // joins again
  EXPECT_EQ(handler.owned.size(), 2U);
  EXPECT_EQ(lines.count("partitions lost"), 1U);
  const commit_result again = co_await client.commit({{0, 5, {}}});
  EXPECT_EQ(again.verdict, commit_verdict::ok);
  co_await client.close(5s);
}

TEST_F(offsets_of_a_consumer, are_not_committed_for_lost_partitions) { w.run(be_forgotten(w, handler, *client, lines)); }

awaitable<void> lag_behind(world& w, recording_handler& handler, consumer& client) {
  handler.room = 0; // nothing is drained
  w.spawn(client.run());
  co_await handler.until([&] { return handler.assignments == 1; });
  co_await fill(w, "event", partitions, 200);
  co_await poll_until(w.io, [&] { return client.watermarks_of(0).high == 100 && client.watermarks_of(1).high == 100; });
  EXPECT_EQ(client.watermarks_of(0).low, 0);
  EXPECT_THAT(handler.seen, IsEmpty());
  co_await client.close(5s);
}

TEST_F(offsets_of_a_consumer, reach_as_far_as_the_log_also_while_nothing_is_taken) { w.run(lag_behind(w, handler, *client)); }

// --- questions to a cluster of which a part does not answer --------------------------------------------------------------------

class a_question_for_offsets : public testing::Test {
protected:
  a_question_for_offsets() : cluster(2) {
    cluster.create_topic("event", 2);
    cluster.set_leader("event", 0, 1);
    cluster.set_leader("event", 1, 2);
    w.brokers = cluster.bootstrap();
    admin_options options;
    options.brokers = w.brokers;
    client = make_client(client_kind::producer, admin_properties(options));
  }

  awaitable<void> ask(offset_spec spec, std::chrono::milliseconds timeout) {
    auto answer = co_await ask_offsets({w.io.get_executor(), client.get(), timeout}, {{"event", 0}, {"event", 1}}, spec,
                                       isolation::read_uncommitted);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    if (answer) found = *answer;
  }

  world w;
  mock_cluster cluster;
  client_handle client;
  std::vector<found_offset> found;
};

awaitable<void> ask_with_one_silent(awaitable<void> fill, awaitable<void> with_both, mock_cluster& cluster,
                                    awaitable<void> with_one) {
  co_await std::move(fill);
  co_await std::move(with_both);
  cluster.set_round_trip(2, 5s);
  co_await std::move(with_one);
  cluster.set_round_trip(2, 0ms);
}

TEST_F(a_question_for_offsets, takes_no_answer_for_no_offset) {
  w.run(ask_with_one_silent(fill(w, "event", 2, 10), ask(latest{}, 5s), cluster, ask(latest{}, 1s)));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].offset, 5);
  EXPECT_FALSE(found[0].error);
  EXPECT_EQ(found[1].offset, std::nullopt);
  ASSERT_TRUE(found[1].error);
  EXPECT_EQ(found[1].error->code, "_TIMED_OUT");
}

} // namespace
} // namespace tocsin::kafka
