#include "latency.hpp"

#include "support/kafka_client.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <stop_token>
#include <thread>

namespace tocsin::bench {

using clock = std::chrono::steady_clock;

void latencies::add(std::string_view body) {
  const auto now = clock::now();
  const auto then = mark_of(body);
  if (!then) return;
  const std::lock_guard lock(mutex_);
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(now - *then).count());
}

std::size_t latencies::count() const {
  const std::lock_guard lock(mutex_);
  return milliseconds_.size();
}

double latencies::percentile(double which, std::size_t warm_up) const {
  const std::lock_guard lock(mutex_);
  if (milliseconds_.size() <= warm_up) return 0;
  std::vector<double> sorted(milliseconds_.begin() + static_cast<std::ptrdiff_t>(warm_up), milliseconds_.end());
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(which / 100 * static_cast<double>(sorted.size() - 1))];
}

void produce_steadily(const std::string& brokers, const std::string& topic, shape kind, std::size_t size, std::uint64_t count,
                      double per_second) {
  support::kafka_client kafka(brokers, {{"linger.ms", "1"}}); // one request for each event would be a test of the broker
  const auto begin = clock::now();
  const std::chrono::duration<double> step(1 / per_second);
  for (std::uint64_t n = 0; n < count; ++n) {
    std::this_thread::sleep_until(begin + std::chrono::duration_cast<clock::duration>(step * static_cast<double>(n)));
    kafka.produce(topic, {-1, key_of(n), make_event(kind, n, clock::now(), size), {}});
  }
  kafka.flush();
}

bool consume_bare(const std::string& brokers, const std::string& topic, int partitions, std::uint64_t count, latencies& into,
                  const std::function<void()>& meanwhile) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"bootstrap.servers", brokers.c_str()},
                                    {"group.id", "bare"},
                                    {"enable.auto.commit", "false"}})
    if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(error.data());
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (consumer == nullptr) throw std::runtime_error(error.data());
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; ++p)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) into.add({static_cast<const char*>(message->payload), message->len});
      rd_kafka_message_destroy(message);
    }
  });
  meanwhile();
  const auto deadline = clock::now() + std::chrono::seconds(20);
  while (into.count() < count && clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  reader.request_stop();
  reader.join();
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return into.count() >= count;
}

} // namespace tocsin::bench
