// Everything of a configuration that can be wrong without a broker or an endpoint, put together once: what `tocsin check` checks
// and `tocsin run` starts from.
#pragma once

#include "config/settings.hpp"
#include "transform/transformer.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tocsin::app {

struct assembly {
  std::unique_ptr<transform::transformer> transformer;
  config::kafka_settings kafka;      // with the values of its secrets: for Kafka's clients alone
  std::vector<std::string> warnings; // worth a line, no hindrance
};

struct assembly_faults {
  std::vector<std::string> messages; // each names the setting or file, the place, the rule and the way out
};
[[noreturn]] void throw_exception_from_error(const assembly_faults&, const boost::source_location&);

// Compiles schema, mapping and rules, reads the secrets and the TLS files, and has librdkafka look at its properties. All faults
// at once.
[[nodiscard]] boost::system::result<assembly, assembly_faults> assemble(const config::settings&);

} // namespace tocsin::app
