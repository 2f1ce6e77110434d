#include "kafka/mock_cluster.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/errors.hpp"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>

namespace tocsin::kafka {
namespace {

// The protocol's numbers of requests.
std::int16_t api_key(mock_request kind) {
  switch (kind) {
  case mock_request::produce: return 0;
  case mock_request::fetch: return 1;
  case mock_request::list_offsets: return 2;
  case mock_request::offset_commit: return 8;
  case mock_request::offset_fetch: return 9;
  case mock_request::find_coordinator: return 10;
  case mock_request::join_group: return 11;
  case mock_request::heartbeat: return 12;
  }
  return -1;
}

rd_kafka_resp_err_t error_named(const std::string& name) {
  const rd_kafka_err_desc* errors = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&errors, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (errors[i].name != nullptr && name == errors[i].name) return errors[i].code;
  }
  throw std::invalid_argument(fmt::format("\"{}\" is no error of Kafka's", name));
}

} // namespace

mock_cluster::mock_cluster(int brokers)
    : host_(make_client(client_kind::producer, {{"client.id", "mock"}, {"log_level", "0"}})),
      cluster_(rd_kafka_mock_cluster_new(host_.get(), brokers)) {
  if (!cluster_) throw std::runtime_error("the in-process Kafka could not listen on 127.0.0.1");
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_.get(), 0);
}

mock_cluster::~mock_cluster() = default;

std::string mock_cluster::bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

void mock_cluster::create_topic(const std::string& name, int partitions) {
  const rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(failure_of(code, "topic " + name).message);
}

void mock_cluster::set_down(int broker) { rd_kafka_mock_broker_set_down(cluster_.get(), broker); }
void mock_cluster::set_up(int broker) { rd_kafka_mock_broker_set_up(cluster_.get(), broker); }
void mock_cluster::set_leader(const std::string& topic, int partition, std::optional<int> broker) {
  rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), partition, broker.value_or(-1));
}
void mock_cluster::set_round_trip(int broker, std::chrono::milliseconds time) {
  rd_kafka_mock_broker_set_rtt(cluster_.get(), broker, static_cast<int>(time.count()));
}

void mock_cluster::push_errors(mock_request kind, const std::vector<std::string>& names) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const std::string& name : names) errors.push_back(error_named(name));
  rd_kafka_mock_push_request_errors_array(cluster_.get(), api_key(kind), errors.size(), errors.data());
}

void mock_cluster::clear_errors(mock_request kind) { rd_kafka_mock_clear_request_errors(cluster_.get(), api_key(kind)); }

} // namespace tocsin::kafka
