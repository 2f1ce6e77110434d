#include "app/event_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::app {
namespace {

kafka::record make_record(std::int64_t offset, std::string_view value, std::span<const kafka::header_view> headers = {}) {
  return {{0, 3, "event"}, offset, 1700000000000, "key", value, headers};
}

TEST(event_store, keeps_the_value_as_the_body_where_nothing_is_mapped) {
  event_store store;
  store.put(7, make_record(1, "original"), 0, nullptr);
  EXPECT_EQ(store.at(7).body(), "original");
}

TEST(event_store, sends_what_the_mapping_made_and_keeps_the_original_for_the_dead_letter) {
  event_store store;
  std::string mapped = "mapped";
  store.put(0, make_record(1, "original"), 0, &mapped);
  EXPECT_EQ(store.at(0).body(), "mapped");
  EXPECT_EQ(store.at(0).record->value(), "original");
}

TEST(event_store, sends_an_empty_mapped_body_rather_than_the_original) {
  event_store store;
  std::string mapped;
  store.put(0, make_record(1, "original"), 0, &mapped);
  EXPECT_EQ(store.at(0).body(), "");
}

TEST(event_store, a_place_used_again_knows_nothing_of_the_event_before) {
  event_store store;
  auto& first = store.put(0, make_record(1, "one"), 2, nullptr);
  first.reason = "rejected";
  first.detail = "why";
  first.headers = "X: 1\r\n";
  first.last_status = 400;
  first.attempts = 3;
  first.last_reason = delivery::retry_reason::timeout;
  store.remove(0);
  const auto& second = store.put(0, make_record(2, "two"), 1, nullptr);
  EXPECT_EQ(second.reason, "");
  EXPECT_EQ(second.detail, "");
  EXPECT_EQ(second.headers, "");
  EXPECT_EQ(second.last_status, 0U);
  EXPECT_EQ(second.attempts, 0U);
  EXPECT_EQ(second.last_reason, delivery::retry_reason::none);
  EXPECT_EQ(second.body(), "two");
}

TEST(event_store, a_short_body_on_its_way_stays_where_it_is_while_others_come) {
  event_store store;
  std::string mapped = "{\"a\":1}"; // short enough to lie inside the string object
  store.put(0, make_record(1, "original"), 0, &mapped);
  const auto on_its_way = store.at(0).body();
  for (delivery::event_id id = 1; id < 100; ++id) store.put(id, make_record(1, "original"), 0, nullptr);
  EXPECT_EQ(static_cast<const void*>(store.at(0).body().data()), on_its_way.data());
}

TEST(event_headers, name_the_record_as_a_structured_string) {
  std::string headers;
  append_event_headers(headers, make_record(42, "{}"));
  EXPECT_EQ(headers, "Idempotency-Key: \"event-3-42\"\r\n");
}

TEST(event_headers, carry_the_trace_context_of_the_record) {
  const kafka::header_view given[] = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                                      {"tracestate", "a=1"}};
  std::string headers;
  append_event_headers(headers, make_record(42, "{}", given));
  EXPECT_EQ(headers, "Idempotency-Key: \"event-3-42\"\r\n"
                     "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
                     "tracestate: a=1\r\n");
}

TEST(event_headers, a_record_cannot_end_a_line_of_the_request) {
  for (const std::string_view hostile : {"x\r\nEvil: 1", "x\nEvil: 1", "\x00y", "\x7f", ""}) {
    const kafka::header_view given[] = {{"traceparent", hostile}, {"tracestate", "a=1"}};
    std::string headers;
    append_event_headers(headers, make_record(42, "{}", given));
    EXPECT_EQ(headers, "Idempotency-Key: \"event-3-42\"\r\n") << "traceparent: " << hostile;
  }
  const kafka::header_view given[] = {{"traceparent", "00-1-2-01"}, {"tracestate", "a=1\r\nEvil: 1"}};
  std::string headers;
  append_event_headers(headers, make_record(42, "{}", given));
  EXPECT_THAT(headers, ::testing::Not(::testing::HasSubstr("Evil")));
}

} // namespace
} // namespace tocsin::app
