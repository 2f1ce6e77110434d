#include "transform/kafka_context.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace tocsin::transform {

namespace json = boost::json;

namespace {

// Bytes of the well-formed sequence at the start of `text` (Unicode 15, table 3-7); 0: there is none.
std::size_t sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if ((first & 0xf0U) == 0xe0) {
    const bool second = first == 0xe0 ? follows(1, 0xa0) : first == 0xed ? follows(1, 0x80, 0x9f) : follows(1);
    return second && follows(2) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const bool second = first == 0xf0 ? follows(1, 0x90) : first == 0xf4 ? follows(1, 0x80, 0x8f) : follows(1);
  return second && follows(2) && follows(3) ? 4 : 0;
}

json::value text_value(std::string_view bytes, const json::storage_ptr& storage) {
  const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return json::value(json::string(bytes, storage));
  return json::value(json::string(replaced_utf8(bytes), storage));
}

json::value text_or_null(std::optional<std::string_view> bytes, const json::storage_ptr& storage) {
  return bytes ? text_value(*bytes, storage) : json::value(nullptr, storage);
}

} // namespace

std::string replaced_utf8(std::string_view bytes) {
  std::string result;
  while (!bytes.empty()) {
    const std::size_t good = sequence(bytes);
    result += good ? bytes.substr(0, good) : "\xef\xbf\xbd";
    bytes.remove_prefix(std::max<std::size_t>(good, 1));
  }
  return result;
}

json::value kafka_context(const record_view& record, json::storage_ptr storage) {
  json::object headers(storage);
  for (const header& h : record.headers) headers.insert_or_assign(replaced_utf8(h.name), text_or_null(h.value, storage));
  json::object result(storage);
  result.reserve(6);
  result.emplace("topic", text_value(record.topic, storage));
  result.emplace("partition", record.partition);
  result.emplace("offset", record.offset);
  result.emplace("timestamp", record.timestamp_ms ? json::value(*record.timestamp_ms, storage) : json::value(nullptr, storage));
  result.emplace("key", text_or_null(record.key, storage));
  result.emplace("headers", std::move(headers));
  return result;
}

} // namespace tocsin::transform
