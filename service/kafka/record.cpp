#include "kafka/record.hpp"

#include "runtime/assertion.hpp"

#include <librdkafka/rdkafka.h>

#include <cstring>

namespace tocsin::kafka {
namespace {

constexpr std::uint32_t null_value = 0xffffffff;

std::string_view view_of(const void* data, std::size_t size) noexcept {
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

// Writes parts one after the other into memory that is large enough.
class packer {
public:
  explicit packer(char* out) : out_(out) {}
  char* position() const { return out_; }
  std::string_view text(std::string_view part) {
    if (part.data() == nullptr) return {};
    if (!part.empty()) std::memcpy(out_, part.data(), part.size());
    const std::string_view copied(out_, part.size());
    out_ += part.size();
    return copied;
  }
  void number(std::uint32_t value) {
    std::memcpy(out_, &value, sizeof value);
    out_ += sizeof value;
  }

private:
  char* out_;
};

// Calls visit(name, value) for each header that packer has written as: length, name, length or null_value, value.
template <class Visitor>
void each_encoded(std::string_view encoded, Visitor visit) {
  const auto number = [&encoded] {
    std::uint32_t value = 0;
    std::memcpy(&value, encoded.data(), sizeof value);
    encoded.remove_prefix(sizeof value);
    return value;
  };
  const auto text = [&encoded](std::size_t size) {
    const std::string_view part = encoded.substr(0, size);
    encoded.remove_prefix(size);
    return part;
  };
  while (!encoded.empty()) {
    const std::string_view name = text(number());
    const std::uint32_t size = number();
    if (size == null_value)
      visit(header_view{name, std::nullopt});
    else
      visit(header_view{name, text(size)});
  }
}

template <class Visitor>
void each_received(const rd_kafka_message_s* message, Visitor visit) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    if (value == nullptr)
      visit(header_view{name, std::nullopt});
    else
      visit(header_view{name, view_of(value, size)});
  }
}

} // namespace

record::record(event_handle event, const rd_kafka_message_s* message, const place& where, std::size_t& pinned) noexcept
    : event_(std::move(event)),
      message_(message),
      pinned_(&pinned),
      topic_(where.topic),
      key_(view_of(message->key, message->key_len)),
      value_(view_of(message->payload, message->len)),
      offset_(message->offset),
      slot_(where.slot),
      partition_(where.partition) {
  ++*pinned_;
  rd_kafka_timestamp_type_t kind{};
  const std::int64_t time = rd_kafka_message_timestamp(message, &kind);
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) timestamp_ms_ = time;
}

record::record(const place& where, std::int64_t offset, std::optional<std::int64_t> timestamp_ms,
               std::optional<std::string_view> key, std::optional<std::string_view> value, std::span<const header_view> headers)
    : topic_(where.topic),
      key_(key.value_or(std::string_view())),
      value_(value.value_or(std::string_view())),
      offset_(offset),
      timestamp_ms_(timestamp_ms.value_or(-1)),
      slot_(where.slot),
      partition_(where.partition) {
  store(headers);
}

record::record(record&& other) noexcept
    : event_(std::move(other.event_)),
      message_(other.message_),
      pinned_(other.pinned_),
      copy_(std::move(other.copy_)),
      topic_(other.topic_),
      key_(other.key_),
      value_(other.value_),
      encoded_headers_(other.encoded_headers_),
      offset_(other.offset_),
      timestamp_ms_(other.timestamp_ms_),
      slot_(other.slot_),
      partition_(other.partition_) {}

record& record::operator=(record&& other) noexcept {
  if (this == &other) return *this;
  release();
  event_ = std::move(other.event_);
  message_ = other.message_;
  pinned_ = other.pinned_;
  copy_ = std::move(other.copy_);
  topic_ = other.topic_;
  key_ = other.key_;
  value_ = other.value_;
  encoded_headers_ = other.encoded_headers_;
  offset_ = other.offset_;
  timestamp_ms_ = other.timestamp_ms_;
  slot_ = other.slot_;
  partition_ = other.partition_;
  return *this;
}

void record::release() noexcept {
  if (!event_) return;
  event_.reset();
  message_ = nullptr;
  --*pinned_;
}

std::vector<header_view> record::headers() const {
  std::vector<header_view> found;
  const auto collect = [&found](const header_view& header) { found.push_back(header); };
  if (event_)
    each_received(message_, collect);
  else
    each_encoded(encoded_headers_, collect);
  return found;
}

std::optional<std::string_view> record::header(std::string_view name) const {
  std::optional<std::string_view> found;
  const auto match = [&found, name](const header_view& header) {
    if (header.name == name) found = header.value;
  };
  if (event_)
    each_received(message_, match);
  else
    each_encoded(encoded_headers_, match);
  return found;
}

void record::store(std::span<const header_view> headers) {
  std::size_t size = topic_.size() + key_.size() + value_.size();
  for (const header_view& header : headers) {
    size += 2 * sizeof(std::uint32_t) + header.name.size() + header.value.value_or(std::string_view()).size();
  }
  auto memory = std::make_unique_for_overwrite<char[]>(size == 0 ? 1 : size);
  packer pack(memory.get());
  topic_ = pack.text(topic_);
  key_ = pack.text(key_);
  value_ = pack.text(value_);
  const char* const begin = pack.position();
  for (const header_view& header : headers) {
    pack.number(static_cast<std::uint32_t>(header.name.size()));
    pack.text(header.name);
    pack.number(header.value ? static_cast<std::uint32_t>(header.value->size()) : null_value);
    if (header.value) pack.text(*header.value);
  }
  encoded_headers_ = std::string_view(begin, static_cast<std::size_t>(pack.position() - begin));
  TOCSIN_ASSERT(pack.position() == memory.get() + size);
  copy_ = std::move(memory);
}

void record::detach() {
  if (!event_) return;
  store(headers());
  release();
}

} // namespace tocsin::kafka
