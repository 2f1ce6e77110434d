#include "kafka/admin_client.hpp"
#include "kafka/dead_letters.hpp"
#include "support.hpp"

#include <gmock/gmock.h>

#include <map>

namespace tocsin::kafka {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class a_producer : public testing::Test {
protected:
  a_producer() {
    w.cluster.create_topic("event", 2);
    w.cluster.create_topic("dead", 1);
  }

  producer_options options() {
    producer_options made;
    made.brokers = w.cluster.bootstrap();
    made.on_report = [this](const delivery_report& report) { reports.push_back(report); };
    made.log = lines.sink();
    return made;
  }

  world w;
  log_lines lines;
  std::vector<delivery_report> reports;
};

outgoing to(std::string_view topic, std::string_view value) {
  outgoing message;
  message.topic = topic;
  message.value = value;
  return message;
}

awaitable<void> send_some(world& w, producer& p, std::size_t count) {
  w.spawn(p.run());
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(p.send(to("event", "x"), i + 1), std::nullopt);
  EXPECT_EQ(p.outstanding(), count);
  const bool flushed = co_await p.flush(10s);
  EXPECT_TRUE(flushed);
  EXPECT_EQ(p.outstanding(), 0U);
  co_await p.close(1s);
  co_await p.close(1s);
  EXPECT_TRUE(p.send(to("event", "x"), 0).has_value());
}

TEST_F(a_producer, reports_every_message_once_with_its_place) {
  producer p(w.io.get_executor(), w.pool, options());
  w.run(send_some(w, p, 500));
  ASSERT_THAT(reports, SizeIs(500));
  std::set<std::uint64_t> ids;
  std::set<std::pair<std::int32_t, std::int64_t>> places;
  for (const delivery_report& report : reports) {
    EXPECT_EQ(report.error, std::nullopt);
    ids.insert(report.id);
    places.insert({report.partition, report.offset});
  }
  EXPECT_THAT(ids, SizeIs(500));
  EXPECT_THAT(places, SizeIs(500));
}

awaitable<void> fail_one(world& w, producer& p, std::vector<delivery_report>& reports) {
  w.spawn(p.run());
  w.cluster.push_errors(mock_request::produce, {"TOPIC_AUTHORIZATION_FAILED"});
  EXPECT_EQ(p.send(to("event", "x"), 1), std::nullopt);
  const bool flushed = co_await p.flush(10s);
  EXPECT_TRUE(flushed);
  EXPECT_EQ(reports.size(), 1U);
  co_await poll_until(w.io, [&p] { return !p.send(to("event", "x"), 2); }); // refused at once until the topic is asked for again
  co_await p.close(10s);
}

TEST_F(a_producer, reports_what_the_broker_refused_and_goes_on) {
  producer p(w.io.get_executor(), w.pool, options());
  w.run(fail_one(w, p, reports));
  ASSERT_THAT(reports, SizeIs(2));
  ASSERT_TRUE(reports[0].error.has_value());
  EXPECT_EQ(reports[0].error->code, "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_EQ(reports[1].error, std::nullopt);
}

awaitable<void> fill_up(world& w, producer& p) {
  w.cluster.set_down(1);
  w.spawn(p.run());
  std::optional<failure> refused;
  std::size_t accepted = 0;
  while (!refused) {
    refused = p.send(to("event", "x"), 1);
    if (!refused) ++accepted;
  }
  EXPECT_EQ(refused->code, "_QUEUE_FULL");
  EXPECT_EQ(accepted, 100U);
  EXPECT_EQ(p.outstanding(), accepted);
  w.cluster.set_up(1);
  co_await p.close(10s);
}

TEST_F(a_producer, refuses_when_its_buffer_is_full_and_has_lost_nothing) {
  producer_options small = options();
  small.properties = {{"queue.buffering.max.messages", "100"}};
  producer p(w.io.get_executor(), w.pool, std::move(small));
  w.run(fill_up(w, p));
  EXPECT_THAT(reports, SizeIs(100));
  for (const delivery_report& report : reports) EXPECT_EQ(report.error, std::nullopt);
}

awaitable<void> close_on_a_dead_broker(world& w, producer& p) {
  w.cluster.set_down(1);
  w.spawn(p.run());
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(p.send(to("event", "x"), i), std::nullopt);
  co_await p.close(20ms);
}

TEST_F(a_producer, reports_as_failed_what_it_could_not_send_before_its_end) {
  producer p(w.io.get_executor(), w.pool, options());
  w.run(close_on_a_dead_broker(w, p));
  ASSERT_THAT(reports, SizeIs(10));
  for (const delivery_report& report : reports) EXPECT_TRUE(report.error.has_value());
}

awaitable<void> break_it(world& w, producer& p, std::vector<delivery_report>& reports) {
  w.spawn(p.run());
  w.cluster.set_down(1);
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(p.send(to("event", "x"), i), std::nullopt);
  p.provoke_fatal_error();
  co_await poll_until(w.io, [&] { return reports.size() == 5; });
  w.cluster.set_up(1);
  co_await poll_until(w.io, [&p] { return !p.send(to("event", "again"), 100); }); // refused while it is being replaced
  co_await p.close(10s);
}

TEST_F(a_producer, goes_on_with_a_fresh_client_after_a_fatal_error) {
  producer p(w.io.get_executor(), w.pool, options());
  w.run(break_it(w, p, reports));
  ASSERT_THAT(reports, SizeIs(6));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(reports[i].error.has_value());
  EXPECT_EQ(reports[5].id, 100U);
  EXPECT_EQ(reports[5].error, std::nullopt);
  EXPECT_EQ(lines.count("fresh"), 1U);
}

awaitable<bool> acknowledged(world& w, producer& p, std::vector<delivery_report>& reports) {
  co_await poll_until(w.io, [&p] { return !p.send(to("event", "x"), 1); }); // refused while it is being replaced
  const std::size_t before = reports.size();
  co_await poll_until(w.io, [&] { return reports.size() > before; });
  co_return !reports.back().error;
}

awaitable<void> time_out_twice(world& w, producer& p, std::vector<delivery_report>& reports) {
  w.spawn(p.run());
  for (int round = 1; round <= 2; ++round) {
    w.cluster.set_down(1);
    const bool while_down = co_await acknowledged(w, p, reports);
    EXPECT_FALSE(while_down);
    w.cluster.set_up(1);
    for (bool again = true; again;) again = !co_await acknowledged(w, p, reports);
  }
  co_await p.close(10s);
}

TEST_F(a_producer, goes_on_with_a_fresh_client_once_a_minute_where_messages_time_out) {
  producer_options impatient = options();
  impatient.message_timeout = 500ms;
  producer p(w.io.get_executor(), w.pool, impatient);
  w.run(time_out_twice(w, p, reports));
  EXPECT_EQ(lines.count("fresh"), 1U);
}

// --- dead letters --------------------------------------------------------------------------------------------------------------

struct remembered_letters : dead_letter_handler {
  void on_dead_letter(std::uint64_t id, const std::optional<failure>& error) override { results[id] = error; }
  std::map<std::uint64_t, std::optional<failure>> results;
};

awaitable<void> bury(world& w, dead_letters& letters, remembered_letters& fates, recording_handler& handler, consumer& reader) {
  w.spawn(letters.run());
  const std::vector<header_view> original{{"traceparent", "00-1"}, {"nothing", std::nullopt}};
  const record source({0, 3, "event"}, 42, 1700000000123, "key", "\xff not json", original);
  const auto now = std::chrono::system_clock::time_point(1700000001005ms);
  EXPECT_EQ(letters.send(source, {"rejected", "status 400", 400U, 2U}, 7, now), std::nullopt);
  const record tombstone({0, 0, "event"}, 43, std::nullopt, std::nullopt, std::nullopt);
  EXPECT_EQ(letters.send(tombstone, {"not_json", std::string(999, 'x') + "\xc3\xa9", {}, {}}, 8, now), std::nullopt);
  co_await poll_until(w.io, [&] { return fates.results.size() == 2; });
  handler.keep_records = true;
  w.spawn(reader.run());
  co_await handler.until([&] { return handler.kept.size() == 2; });
  for (record& kept : handler.kept) kept.detach();
  co_await reader.close(5s);
  co_await letters.close(5s);
}

TEST_F(a_producer, of_dead_letters_keeps_the_record_and_says_why_in_its_headers) {
  remembered_letters fates;
  recording_handler handler(w.io);
  config::kafka_settings settings = w.settings("omp");
  dead_letters letters(w.io.get_executor(), w.pool, settings, {"dead"}, fates, {"tocsin", lines.sink()});
  settings.topics = {"dead"};
  settings.group = "reader";
  consumer reader(w.io.get_executor(), w.pool, settings, handler, {});
  w.run(bury(w, letters, fates, handler, reader));
  EXPECT_EQ(fates.results.at(7), std::nullopt);

  const record& letter = handler.kept[0];
  EXPECT_EQ(letter.key(), "key");
  EXPECT_EQ(letter.value(), "\xff not json");
  std::vector<std::string> read;
  for (const header_view& header : letter.headers())
    read.push_back(std::string(header.name) + "=" + std::string(header.value.value_or("(null)")));
  EXPECT_THAT(read,
              ElementsAre("traceparent=00-1", "nothing=(null)", "tocsin-topic=event", "tocsin-partition=3", "tocsin-offset=42",
                          "tocsin-timestamp=1700000000123", "tocsin-reason=rejected", "tocsin-detail=status 400",
                          "tocsin-status=400", "tocsin-attempts=2", "tocsin-group=omp", "tocsin-time=2023-11-14T22:13:21.005Z"));
  const record& unattempted = handler.kept[1];
  EXPECT_EQ(unattempted.key(), std::nullopt);
  EXPECT_EQ(unattempted.value(), std::nullopt);
  EXPECT_EQ(unattempted.header("tocsin-status"), std::nullopt);
  EXPECT_EQ(unattempted.header("tocsin-attempts"), std::nullopt);
  EXPECT_EQ(unattempted.header("tocsin-detail"), std::string(999, 'x')); // cut before the character that does not fit
}

awaitable<void> bury_in_vain(world& w, dead_letters& letters, remembered_letters& fates) {
  w.spawn(letters.run());
  w.cluster.push_errors(mock_request::produce, {"MSG_SIZE_TOO_LARGE"});
  const record source({0, 3, "event"}, 42, 1, "key", "value");
  const auto now = std::chrono::system_clock::now();
  EXPECT_EQ(letters.send(source, {"rejected", "", {}, {}}, 1, now), std::nullopt);
  co_await poll_until(w.io, [&] { return fates.results.size() == 1; });
  EXPECT_EQ(letters.send(source, {"rejected", "", {}, {}}, 2, now), std::nullopt);
  co_await poll_until(w.io, [&] { return fates.results.size() == 2; });
  co_await letters.close(5s);
}

TEST_F(a_producer, of_dead_letters_says_what_the_operator_can_do_about_a_limit) {
  remembered_letters fates;
  dead_letters letters(w.io.get_executor(), w.pool, w.settings(), {"dead"}, fates, {"tocsin", lines.sink()});
  w.run(bury_in_vain(w, letters, fates));
  ASSERT_TRUE(fates.results.at(1).has_value());
  EXPECT_EQ(fates.results.at(1)->code, "MSG_SIZE_TOO_LARGE");
  EXPECT_EQ(fates.results.at(2), std::nullopt);
  EXPECT_EQ(lines.count("max.message.bytes"), 1U);
}

awaitable<void> look_around(world& w, admin_client& admin) {
  const auto topics = co_await admin.list_topics();
  EXPECT_TRUE(topics.has_value());
  std::map<std::string, std::int32_t> partitions;
  for (const topic_summary& topic : *topics) partitions[topic.name] = topic.partitions;
  EXPECT_EQ(partitions["event"], 2);
  EXPECT_EQ(partitions["dead"], 1);
  co_await fill(w, "event", 2, 10);
  const auto ends = co_await admin.list_offsets({{"event", 1}, {"event", 0}, {"nowhere", 0}}, latest{});
  EXPECT_TRUE(ends.has_value());
  EXPECT_EQ((*ends)[0].where.partition, 1);
  EXPECT_EQ((*ends)[0].offset, 5);
  EXPECT_EQ((*ends)[1].offset, 5);
  EXPECT_TRUE((*ends)[2].error.has_value());
  const auto offsets = co_await admin.group_offsets("nobody", {{"event", 0}});
  EXPECT_TRUE(offsets.has_value());
  EXPECT_EQ((*offsets)[0].offset, std::nullopt);
}

TEST_F(a_producer, puts_records_where_an_admin_client_sees_them) {
  admin_options asked;
  asked.brokers = w.cluster.bootstrap();
  asked.timeout = 5s;
  admin_client admin(w.io.get_executor(), w.pool, std::move(asked));
  w.run(look_around(w, admin));
}

} // namespace
} // namespace tocsin::kafka
