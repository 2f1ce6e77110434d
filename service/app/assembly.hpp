// Everything of a configuration that can be wrong without a broker or an endpoint, put together once: what `tocsin check` checks
// and `tocsin run` starts from.
#pragma once

#include "config/error.hpp"
#include "config/settings.hpp"
#include "transform/transformer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tocsin::app {

struct assembly {
  std::unique_ptr<transform::transformer> transformer;
  config::kafka_settings kafka;      // with the values of its secrets: for Kafka's clients alone
  std::vector<std::string> warnings; // worth a line, no hindrance
};

// Compiles schema, mapping and rules, reads the secrets and the TLS files, and has librdkafka look at its properties. All faults
// at once, without lines. Of settings that have faults of their own (config::reading), some will be of the same members:
// config::add_faults() leaves those out.
[[nodiscard]] config::loaded<assembly> assemble(const config::settings& settings);

// The transformer's problems as faults of the configuration, without lines.
[[nodiscard]] config::config_errors faults_of(const transform::problems& problems);

} // namespace tocsin::app
