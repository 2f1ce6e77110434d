// A real Kafka of one node, started and stopped with script/kafka, on ports of its own with its data in a temporary directory.
#pragma once

#include "support/process.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::support {

class kafka_broker {
public:
  enum class at_first { started, stopped };

  // Throws, with what script/kafka said, where it does not start. The version: TOCSIN_TEST_KAFKA, else 4.1.1.
  explicit kafka_broker(at_first how = at_first::started);
  ~kafka_broker(); // stopped, its data removed
  kafka_broker(const kafka_broker&) = delete;
  kafka_broker& operator=(const kafka_broker&) = delete;

  // bootstrap.servers; the same before and after a stop.
  [[nodiscard]] std::string address() const;
  // What the broker had is still there after a stop and a start.
  void start();
  void stop();
  void forget_everything(); // while it is stopped: what starts then is another cluster at the same address

  // The one that all tests of a program share; started when it is first asked for.
  [[nodiscard]] static kafka_broker& shared();
  [[nodiscard]] static std::string version();

private:
  void order(std::vector<std::string> what);
  temporary_directory directory_;
  std::uint16_t port_;
  bool running_ = false;
};

} // namespace tocsin::support
