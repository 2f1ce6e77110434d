// A Kafka record as the transformer sees it: views, and nothing of Kafka's own types.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tocsin::transform {

struct header {
  std::string_view name;
  std::optional<std::string_view> value; // none: a null value
};

struct record_view {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::int64_t> timestamp_ms;
  std::optional<std::string_view> key;   // none: a null key
  std::optional<std::string_view> value; // none: a null value (a tombstone)
  std::span<const header> headers;       // may be left empty where transformer::uses_headers() says so
};

} // namespace tocsin::transform
