// The members of the group: relay processes that are killed, frozen, stopped and started again.
#pragma once

#include "ledger.hpp"
#include "support/relay.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::chaos {

inline constexpr std::uint64_t max_uncommitted = 512;
inline constexpr std::uint64_t connections = 32;

struct group_options {
  std::string brokers, topic, dead_letter, url;
  std::string protocol; // eager | cooperative | consumer
  int members = 3;
};

class members {
public:
  members(const group_options&, ledger&);

  void kill(int which); // and start it again
  void freeze(int which, std::chrono::milliseconds how_long);
  void restart(int which); // SIGTERM, the end, and start again
  void leave(int which);   // SIGTERM; it comes back with return_of()
  void come_back(int which);
  void thaw_due(); // ends the freezes whose time is over
  void thaw_all();

  [[nodiscard]] bool free(int which) const; // running and not frozen
  [[nodiscard]] int count() const noexcept { return static_cast<int>(all_.size()); }
  // Asks every member for its status, which checks the ledger. True where all ledgers have balanced so far.
  [[nodiscard]] bool ledgers_balance();
  [[nodiscard]] bool stop_all(std::string& trouble);
  [[nodiscard]] std::string log(int which) const { return all_[static_cast<std::size_t>(which)].process->log(); }

private:
  struct member {
    std::unique_ptr<support::relay> process;
    std::optional<clock::time_point> frozen_until;
    bool away = false;
  };
  member& at(int which) { return all_[static_cast<std::size_t>(which)]; }
  ledger& ledger_;
  std::vector<member> all_;
};

} // namespace tocsin::chaos
