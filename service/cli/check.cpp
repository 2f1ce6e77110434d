#include "cli/check.hpp"

#include "cli/prepare.hpp"
#include "cli/pretty.hpp"
#include "config/print.hpp"
#include "config/quantities.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

namespace tocsin::cli {
namespace {

std::string start_of(const config::kafka_settings& kafka) {
  switch (kafka.start) {
  case config::start_policy::earliest: return "begins at the earliest record";
  case config::start_policy::latest: return "begins at the end";
  case config::start_policy::none: return "stops with an error";
  case config::start_policy::at_time: break;
  }
  return "begins at " + config::print_time(kafka.start_time_ms);
}

std::string order_of(const config::order_rule& rule) {
  if (std::holds_alternative<config::order_by_key>(rule)) return "in order per Kafka key";
  if (std::holds_alternative<config::order_by_partition>(rule)) return "in order per partition";
  if (std::holds_alternative<config::order_by_none>(rule)) return "in no order";
  return fmt::format("in order per {}", std::get<config::order_by_expression>(rule).text);
}

template <class T>
std::string names_of(const std::vector<T>& all, std::string T::* name) {
  std::vector<std::string> names;
  for (const auto& each : all) names.push_back(each.*name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string listeners_of(const config::admin_settings& admin) {
  std::vector<std::string> all;
  if (admin.ops) all.push_back(config::print_listen_address(*admin.ops) + " (health, metrics)");
  if (admin.listen) all.push_back(config::print_listen_address(*admin.listen) + " (admin)");
  return all.empty() ? "nowhere" : fmt::format("{}", fmt::join(all, ", "));
}

} // namespace

std::string summary(const config::settings& s) {
  std::string text;
  const auto line = [&](std::string_view what, std::string_view how) { text += fmt::format("  {:<13}{}\n", what, how); };
  line("takes", fmt::format("{} from {}, as group {}", fmt::join(s.kafka.topics, ", "), s.kafka.brokers, s.kafka.group));
  line("a new group", start_of(s.kafka));
  if (!s.event.schema.empty()) line("checks with", s.event.schema.string());
  if (!s.event.skip.empty()) line("skips", names_of(s.event.skip, &config::skip_rule::as));
  if (!s.event.tables.empty()) line("looks up in", names_of(s.event.tables, &config::lookup_table::name));
  line("maps with", s.event.mapping.empty() ? "nothing: the bytes go as they are" : s.event.mapping.string());
  line("sends", fmt::format("{} {}", s.endpoint.method, config::redacted_url(s.endpoint.url)));
  line("", fmt::format("{}, over at most {} connections, {} for an attempt{}", order_of(s.event.order_by), s.endpoint.connections,
                       config::print_duration(s.endpoint.timeout),
                       s.endpoint.rate.count == 0 ? "" : fmt::format(", {} at most", config::print_rate(s.endpoint.rate))));
  line("gives up", fmt::format("after {} attempts{}", s.retry.max_attempts,
                               s.retry.max_age ? fmt::format(" or {}", config::print_duration(*s.retry.max_age)) : ""));
  line("dead letters", s.dead_letter.topic.empty() ? "off: rejected events are logged, counted and dropped"
                                                   : "go to the topic " + s.dead_letter.topic);
  line("listens on", listeners_of(s.admin));
  return text;
}

exit_code check(const check_options& options) {
  const auto ready = prepare(options.config);
  if (!ready) {
    tell(ready.error());
    return exit_code::configuration;
  }
  for (const auto& warning : ready->assembly.warnings) fmt::print(stderr, "{}: {}\n", options.config.string(), warning);
  if (options.print)
    fmt::print("{}", pretty(config::to_json(ready->settings)));
  else
    fmt::print("{}: would start\n{}", options.config.string(), summary(ready->settings));
  return std::fflush(stdout) == 0 ? exit_code::success : exit_code::failure;
}

} // namespace tocsin::cli
