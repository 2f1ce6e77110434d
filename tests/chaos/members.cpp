#include "members.hpp"

#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

namespace tocsin::chaos {

using namespace std::chrono_literals;

namespace {
// What a process has sent before its end reaches the endpoint's thread a little later.
constexpr auto still_arriving = 200ms;
} // namespace

members::members(const group_options& group, ledger& known) : ledger_(known) {
  for (int n = 0; n < group.members; ++n) {
    support::relay_options options;
    options.brokers = group.brokers;
    options.topic = group.topic;
    options.group = "chaos";
    options.url = group.url;
    options.dead_letter = group.dead_letter;
    options.endpoint = {
        {"headers", fmt::format("{{X-Member: \"{}\"}}", n)}, {"connections", std::to_string(connections)}, {"timeout", "5s"}};
    options.retry = {{"initial", "20ms"}, {"max", "500ms"}};
    options.delivery = {{"max_uncommitted", std::to_string(max_uncommitted)}};
    options.shutdown = {{"drain", "10s"}};
    if (group.protocol == "consumer") {
      options.properties = {{"group.protocol", "consumer"}};
    } else {
      const bool eager = group.protocol == "eager";
      options.properties = {{"partition.assignment.strategy", eager ? "range" : "cooperative-sticky"},
                            {"session.timeout.ms", "6000"},
                            {"heartbeat.interval.ms", "500"}};
      // Static members and others in one group: the one takes its partitions back at once, the other waits for the session's end.
      if (n % 2 == 0) options.kafka = {{"instance_id", fmt::format("member-{}", n)}};
    }
    all_.push_back({std::make_unique<support::relay>(options), std::nullopt, false});
    all_.back().process->start();
  }
}

bool members::free(int which) const {
  const auto& one = all_[static_cast<std::size_t>(which)];
  return !one.away && !one.frozen_until;
}

void members::kill(int which) {
  at(which).process->kill();
  ledger_.happens(incident_kind::kill, which, still_arriving);
  at(which).process->start();
}

void members::freeze(int which, std::chrono::milliseconds how_long) {
  at(which).process->process().send(SIGSTOP);
  ledger_.happens(incident_kind::freeze, which, still_arriving);
  at(which).frozen_until = clock::now() + how_long;
}

void members::thaw_due() {
  for (auto& one : all_) {
    if (!one.frozen_until || clock::now() < *one.frozen_until) continue;
    one.process->process().send(SIGCONT);
    one.frozen_until.reset();
  }
}

void members::thaw_all() {
  for (auto& one : all_) {
    if (one.frozen_until) one.process->process().send(SIGCONT);
    one.frozen_until.reset();
  }
}

void members::leave(int which) {
  at(which).away = true;
  const auto end = at(which).process->stop(60s);
  if (!end || end->code != 0) throw std::runtime_error(fmt::format("member {} does not end when it is told to", which));
}

void members::come_back(int which) {
  ledger_.starts_anew(which);
  at(which).process->start();
  at(which).away = false;
}

void members::restart(int which) {
  leave(which);
  come_back(which);
}

bool members::ledgers_balance() {
  bool all = true;
  for (int which = 0; which < count(); ++which) {
    if (free(which)) (void)at(which).process->status();
    all = all && at(which).process->ledger_always_balanced();
  }
  return all;
}

bool members::stop_all(std::string& trouble) {
  for (int which = 0; which < count(); ++which) {
    if (at(which).away) continue;
    const auto end = at(which).process->stop(60s);
    if (end && end->code == 0) continue;
    trouble = fmt::format("member {} did not end well ({})", which,
                          end ? fmt::format("code {}, signal {}", end->code, end->signal) : "it goes on");
    return false;
  }
  return true;
}

} // namespace tocsin::chaos
