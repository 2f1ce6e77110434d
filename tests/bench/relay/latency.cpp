#include "latency.hpp"

#include "support/kafka_client.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <stop_token>

namespace tocsin::bench {

using clock = std::chrono::steady_clock;

void latencies::add(std::string_view body, clock::time_point when) {
  const auto then = mark_of(body);
  if (!then) return;
  const std::lock_guard lock(mutex_);
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(when - *then).count());
}

void latencies::forget() {
  const std::lock_guard lock(mutex_);
  milliseconds_.clear();
}

bool latencies::wait_for(std::size_t count) const {
  const auto deadline = clock::now() + std::chrono::seconds(30);
  for (; clock::now() < deadline; std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
    const std::lock_guard lock(mutex_);
    if (milliseconds_.size() >= count) return true;
  }
  return false;
}

std::size_t latencies::count() const {
  const std::lock_guard lock(mutex_);
  return milliseconds_.size();
}

double latencies::percentile(double which, std::size_t from) const {
  const std::lock_guard lock(mutex_);
  if (milliseconds_.size() <= from) return 0;
  std::vector<double> sorted(milliseconds_.begin() + static_cast<std::ptrdiff_t>(from), milliseconds_.end());
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(which / 100 * static_cast<double>(sorted.size() - 1))];
}

namespace {

void close_and_destroy(rd_kafka_t* consumer) {
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

} // namespace

bare_consumer::bare_consumer(const std::string& brokers, const std::string& topic, int partitions, latencies& into)
    : consumer_(nullptr, close_and_destroy) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"bootstrap.servers", brokers.c_str()},
                                    {"group.id", "bare"},
                                    {"enable.auto.commit", "false"}})
    if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(error.data());
  consumer_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size()));
  if (!consumer_) throw std::runtime_error(error.data());
  rd_kafka_poll_set_consumer(consumer_.get());
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; ++p)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  reader_ = std::jthread([consumer = consumer_.get(), &into](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) into.add({static_cast<const char*>(message->payload), message->len});
      rd_kafka_message_destroy(message);
    }
  });
}

bare_consumer::~bare_consumer() = default;

void produce_steadily(support::kafka_client& kafka, const std::string& topic, shape kind, std::size_t size, std::uint64_t count,
                      double per_second) {
  const auto begin = clock::now();
  std::uint64_t n = 0;
  for (auto tick = begin; n < count; tick += std::chrono::milliseconds(1)) {
    std::this_thread::sleep_until(tick);
    const std::chrono::duration<double> passed = tick - begin;
    const auto due = std::min(count, static_cast<std::uint64_t>(passed.count() * per_second));
    for (; n < due; ++n) kafka.produce(topic, {-1, key_of(n), make_event(kind, n, clock::now(), size), {}});
  }
  kafka.flush();
}

} // namespace tocsin::bench
