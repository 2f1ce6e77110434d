#include "app/event_store.hpp"

#include "runtime/assertion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tocsin::app {

namespace {

// A place that held a large event does not keep its memory.
constexpr std::size_t worth_keeping = 16 * 1024;

void empty(std::string& text) {
  if (text.capacity() > worth_keeping) {
    text = std::string();
  } else {
    text.clear();
  }
}

bool is_printable(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

stored_event& event_store::put(delivery::event_id id, kafka::record record, std::size_t topic, std::string* mapped) {
  const auto place = delivery::index_of(id);
  if (place >= places_.size()) places_.resize(place + 1);
  auto& stored = places_[place];
  TOCSIN_ASSERT(!stored.record);
  record.detach();
  stored.record.emplace(std::move(record));
  stored.topic = topic;
  stored.is_mapped = mapped != nullptr;
  if (mapped != nullptr) stored.mapped_body.swap(*mapped);
  return stored;
}

void event_store::remove(delivery::event_id id) {
  auto& stored = at(id);
  TOCSIN_ASSERT(stored.record);
  stored.record.reset();
  empty(stored.mapped_body);
  empty(stored.headers);
  empty(stored.reason);
  empty(stored.detail);
  stored.last_status = 0;
  stored.attempts = 0;
  stored.last_reason = delivery::retry_reason::none;
}

void append_event_headers(std::string& to, const kafka::record& record) {
  fmt::format_to(std::back_inserter(to), "Idempotency-Key: \"{}-{}-{}\"\r\n", record.topic(), record.partition(),
                 record.offset());
  const auto parent = record.header("traceparent");
  if (!parent || !is_printable(*parent)) return;
  fmt::format_to(std::back_inserter(to), "traceparent: {}\r\n", *parent);
  if (const auto state = record.header("tracestate"); state && is_printable(*state))
    fmt::format_to(std::back_inserter(to), "tracestate: {}\r\n", *state);
}

} // namespace tocsin::app
