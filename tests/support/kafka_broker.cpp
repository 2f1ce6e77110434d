#include "support/kafka_broker.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace tocsin::support {

std::string kafka_broker::version() {
  const char* named = std::getenv("TOCSIN_TEST_KAFKA");
  return named != nullptr ? named : "4.1.1";
}

kafka_broker::kafka_broker(at_first how) : port_(free_port()) {
  if (how == at_first::started) start();
}

kafka_broker::~kafka_broker() {
  try {
    if (running_) stop();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
}

std::string kafka_broker::address() const { return fmt::format("127.0.0.1:{}", port_); }

void kafka_broker::order(std::vector<std::string> what) {
  what.insert(what.begin(), std::string(TOCSIN_SOURCE_DIR) + "/script/kafka");
  what.insert(what.end(), {"--dir", (directory_.path() / "kafka").string()});
  const auto result = run(what, 90s);
  if (result.end.code != 0)
    throw std::runtime_error(fmt::format("{} failed:\n{}{}", fmt::join(what, " "), result.out, result.err));
}

void kafka_broker::start() {
  order({"start", "--version", version(), "--port", std::to_string(port_), "--while", std::to_string(::getpid())});
  running_ = true;
}

void kafka_broker::stop() {
  running_ = false;
  order({"stop"});
}

void kafka_broker::forget_everything() { std::filesystem::remove_all(directory_.path() / "kafka"); }

kafka_broker& kafka_broker::shared() {
  static kafka_broker broker;
  return broker;
}

} // namespace tocsin::support
