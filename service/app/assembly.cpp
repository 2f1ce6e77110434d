#include "app/assembly.hpp"

#include "config/secrets.hpp"
#include "kafka/consumer.hpp"
#include "push/pusher.hpp"

#include <iterator>
#include <utility>

namespace tocsin::app {
namespace {

// "endpoint.url: …", as rooms say it that do not know the configuration's errors.
config::config_error fault_of(const std::string& sentence) {
  const auto colon = sentence.find(": ");
  if (colon == std::string::npos) return {"", "", sentence};
  return {sentence.substr(0, colon), "", sentence.substr(colon + 2)};
}

void add(config::config_errors& faults, config::config_errors more) {
  faults.insert(faults.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

config::kafka_settings kafka_of(const config::kafka_settings& settings, config::config_errors& faults) {
  auto kafka = config::with_secrets(settings);
  for (const auto& refused : kafka ? kafka::check_properties(*kafka) : kafka::check_each_property(settings))
    faults.push_back(fault_of(refused.message));
  if (kafka) return *std::move(kafka);
  add(faults, kafka.error());
  return settings;
}

} // namespace

config::config_errors faults_of(const transform::problems& problems) {
  config::config_errors faults;
  for (const auto& problem : problems) faults.push_back({problem.member, problem.file, without_member(problem)});
  return faults;
}

config::loaded<assembly> assemble(const config::settings& settings) {
  config::config_errors faults;
  assembly made;
  if (auto transformer = transform::make_transformer(settings.event))
    made.transformer = std::move(*transformer);
  else
    add(faults, faults_of(transformer.error()));
  for (const auto& sentence : push::check_endpoint(settings.endpoint)) faults.push_back(fault_of(sentence));
  made.kafka = kafka_of(settings.kafka, faults);
  add(faults, config::check_token(settings.admin));
  if (!faults.empty()) return faults;
  return made;
}

} // namespace tocsin::app
