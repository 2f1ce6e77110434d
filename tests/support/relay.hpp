// The real binary, build/<preset>/tocsin run, with a configuration of the test's own.
#pragma once

#include "support/process.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::support {

// build/<preset>/tocsin, where the test program stands.
[[nodiscard]] std::filesystem::path tocsin_program();
// The folder with the configuration's schema and the Guance mapping.
[[nodiscard]] std::filesystem::path guance_folder();

// What goes into the configuration file. Members are YAML, as they would be written there.
struct relay_options {
  std::string brokers, topic, group, url;
  std::string dead_letter;                       // a topic; empty: off
  bool guance = false;                           // with its schema, mapping and response rules
  std::map<std::string, std::string> kafka;      // further members of kafka:, e.g. {"start", "latest"}
  std::map<std::string, std::string> properties; // of kafka.properties:
  std::map<std::string, std::string> event, endpoint, retry, delivery, shutdown;
};

class relay {
public:
  explicit relay(relay_options options);

  // Starts it (again). Its output so far is kept in log().
  void start();
  [[nodiscard]] support::process& process();

  // SIGTERM, and the end; none where it has not ended within the limit, which is below the default of shutdown.drain: a stop with
  // an endpoint that answers has nothing to wait for.
  [[nodiscard]] std::optional<ended> stop(std::chrono::milliseconds limit = 20s);
  void kill();

  [[nodiscard]] std::uint16_t ops_port() const noexcept { return ops_port_; }
  [[nodiscard]] const std::filesystem::path& configuration() const noexcept { return file_; }

  // GET /v1/status; none while nobody answers.
  [[nodiscard]] std::optional<boost::json::object> status() const;
  using condition = std::function<bool(const boost::json::object&)>;
  // Asks for the status until it is so. False after the limit.
  [[nodiscard]] bool wait_until(const condition& met, std::chrono::milliseconds limit) const;
  // A total of the last status that was seen; and whether its ledger balanced in every status seen.
  [[nodiscard]] static std::int64_t total(const boost::json::object& status, std::string_view name);
  [[nodiscard]] bool ledger_always_balanced() const noexcept { return balanced_; }

  // GET /metrics, as text.
  [[nodiscard]] std::string metrics() const;
  // Everything all runs have written.
  [[nodiscard]] std::string log() const;

private:
  temporary_directory directory_;
  std::filesystem::path file_;
  std::uint16_t ops_port_, admin_port_;
  std::string earlier_; // the output of the runs before this one
  mutable bool balanced_ = true;
  std::unique_ptr<support::process> process_;
};

} // namespace tocsin::support
