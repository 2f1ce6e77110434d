#include "app/assembly.hpp"

#include "config/secrets.hpp"
#include "kafka/consumer.hpp"
#include "push/pusher.hpp"

#include <algorithm>
#include <stdexcept>

namespace tocsin::app {

void throw_exception_from_error(const assembly_faults& faults, const boost::source_location&) {
  throw std::logic_error(faults.messages.empty() ? "faulty configuration" : faults.messages.front());
}

boost::system::result<assembly, assembly_faults> assemble(const config::settings& settings) {
  assembly_faults faults;
  assembly made;
  auto transformer = transform::make_transformer(settings.event);
  if (transformer) {
    made.transformer = std::move(*transformer);
  } else {
    for (const auto& problem : transformer.error()) faults.messages.push_back(to_string(problem));
  }
  for (auto& sentence : push::check_endpoint(settings.endpoint)) faults.messages.push_back(std::move(sentence));
  const auto note = [&](const config::config_error& error) { faults.messages.push_back(error.path + ": " + error.message); };
  if (auto kafka = config::with_secrets(settings.kafka)) {
    for (auto& fault : kafka::check_properties(*kafka)) faults.messages.push_back(std::move(fault.message));
    made.kafka = *std::move(kafka);
  } else {
    std::ranges::for_each(kafka.error(), note);
  }
  std::ranges::for_each(config::check_token(settings.admin), note);
  if (!faults.messages.empty()) return faults;
  return made;
}

} // namespace tocsin::app
