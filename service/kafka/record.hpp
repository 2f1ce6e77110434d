// A record as it came from Kafka.
//
// A fresh record is a window into librdkafka's memory and costs no copy, but it keeps alive the whole fetch response that it came
// with: up to a megabyte for an event of 700 bytes. detach() copies key, value and headers into one allocation of their own size
// and lets go of the rest. Rule: what is settled within one turn of the event loop need not be detached; whatever is kept across
// a suspension (an event in progress may wait hours for its endpoint) is detached first, or memory is not bounded by the window.
//
// Relay thread only. Every record must be gone before the consumer it came from is closed: consumer::close() waits for them.
#pragma once

#include "kafka/handles.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct rd_kafka_message_s;

namespace tocsin::kafka {

// A partition's number within this process, dense from 0, the same for the life of the consumer whatever is assigned.
using slot_id = std::uint32_t;

struct header_view {
  std::string_view name;
  std::optional<std::string_view> value; // Kafka knows a null value
};

class record {
public:
  // Where a record stands. `topic` must outlive the record, or the record be detached.
  struct place {
    slot_id slot = 0;
    std::int32_t partition = 0;
    std::string_view topic;
  };

  // Wraps a FETCH event; `pinned` counts the records that are not detached. For the consumer.
  record(event_handle event, const rd_kafka_message_s* message, const place& where, std::size_t& pinned) noexcept;

  // A detached record made of parts: replay, preview, tests.
  record(const place& where, std::int64_t offset, std::optional<std::int64_t> timestamp_ms, std::optional<std::string_view> key,
         std::optional<std::string_view> value, std::span<const header_view> headers = {});

  record(record&& other) noexcept;
  record& operator=(record&& other) noexcept;
  record(const record&) = delete;
  record& operator=(const record&) = delete;
  ~record() { release(); }

  [[nodiscard]] slot_id slot() const noexcept { return slot_; }
  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  [[nodiscard]] std::int32_t partition() const noexcept { return partition_; }
  [[nodiscard]] std::int64_t offset() const noexcept { return offset_; }
  // Unix time in ms, as the producer or the broker set it; none: the record has no timestamp.
  [[nodiscard]] std::optional<std::int64_t> timestamp_ms() const noexcept {
    return timestamp_ms_ < 0 ? std::nullopt : std::optional(timestamp_ms_);
  }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept { return view(key_); }
  // None: a tombstone.
  [[nodiscard]] std::optional<std::string_view> value() const noexcept { return view(value_); }
  // Bytes of key and value.
  [[nodiscard]] std::size_t size() const noexcept { return key_.size() + value_.size(); }

  // The headers in order; parsed by the call. Views live as long as the record, until it is detached.
  [[nodiscard]] std::vector<header_view> headers() const;
  // The value of the last header of this name. Cheap for a record without headers.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  // See above. Views taken before are void. Does nothing to a record that is detached.
  void detach();
  [[nodiscard]] bool detached() const noexcept { return event_ == nullptr; }

private:
  static std::optional<std::string_view> view(std::string_view text) noexcept {
    return text.data() == nullptr ? std::nullopt : std::optional(text);
  }
  void release() noexcept;
  void store(std::span<const header_view> headers);

  event_handle event_;
  const rd_kafka_message_s* message_ = nullptr;
  std::size_t* pinned_ = nullptr;
  std::unique_ptr<char[]> copy_; // detached: topic, key, value, then the encoded headers
  std::string_view topic_, key_, value_;
  std::string_view encoded_headers_;
  std::int64_t offset_ = 0;
  std::int64_t timestamp_ms_ = -1;
  slot_id slot_ = 0;
  std::int32_t partition_ = 0;
};

} // namespace tocsin::kafka
