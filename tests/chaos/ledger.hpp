// Knows every event that was produced and every request that arrived for it, and judges at once: what is out of order, what was
// sent again and which incident had the right to cause that, and in the end what is lost. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::chaos {

using clock = std::chrono::steady_clock;

inline constexpr int everybody = -1;

// What may cause an event to be sent again: a process is killed, or frozen past its session; the broker stops, and with it every
// membership; the endpoint cuts its connections, with answers on the wire.
enum class incident_kind : std::uint8_t { kill, freeze, broker, cut, count_ };
[[nodiscard]] std::string_view name_of(incident_kind) noexcept;

struct faults {
  std::uint64_t lost = 0;              // neither accepted nor a dead letter
  std::uint64_t out_of_order = 0;      // a request for an event while one before it in its key was open
  std::uint64_t without_cause = 0;     // sent again though nothing had happened to the member that had delivered it
  std::uint64_t beyond_bound = 0;      // sent again beyond what an incident may cause
  std::uint64_t wrong_name = 0;        // the idempotency key of an event changed, or two events had one
  std::uint64_t wrong_dead_letter = 0; // of an event that the endpoint did not reject
  std::uint64_t early = 0;             // requests before a Retry-After was over
  std::string first;                   // in words
  [[nodiscard]] bool none() const noexcept {
    return lost + out_of_order + without_cause + beyond_bound + wrong_name + wrong_dead_letter + early == 0;
  }
};

class ledger {
public:
  struct limits {
    std::uint64_t uncommitted = 0; // max_uncommitted of a member
    std::uint64_t connections = 0; // of a member
    std::uint64_t members = 0;
  };
  ledger(unsigned keys, const limits&);

  // --- production: the next event of a key, and its value as it is produced.
  [[nodiscard]] std::string next_value(unsigned key);
  [[nodiscard]] std::uint64_t produced() const;

  // --- incidents
  // `felt_for`: what it causes may come so much later, as a session that ends.
  void happens(incident_kind, int member, std::chrono::milliseconds felt_for = std::chrono::milliseconds(0));
  void starts_anew(int member); // a new process, also after a clean end: it has not been asked to wait

  // --- the endpoint: what it is about to do with the request
  enum class doing : std::uint8_t { accepts, rejects, fails };
  [[nodiscard]] bool is_to_be_rejected(std::string_view value) const;
  void arrives(std::string_view value, std::string_view name, int member, doing);
  void asks_to_wait(int member, std::chrono::milliseconds how_long); // Retry-After

  // --- the end
  void dead_letter(std::string_view value, std::string_view reason);
  [[nodiscard]] std::uint64_t open() const; // neither accepted nor rejected
  [[nodiscard]] faults judge();             // when every dead letter has been told
  [[nodiscard]] std::string summary() const;

private:
  struct event {
    bool accepted = false, rejected = false, buried = false;
    int member = everybody; // that delivered it last
    clock::time_point when{};
    std::string name;
  };
  struct key_history {
    std::vector<event> events;
    std::uint64_t done = 0; // of which so many, from the first on, are accepted or rejected
  };
  struct incident {
    incident_kind kind{};
    int member = everybody;
    clock::time_point when{};
    std::uint64_t again = 0;
  };
  struct place {
    unsigned key = 0;
    std::uint64_t number = 0;
  };
  [[nodiscard]] std::optional<place> find(std::string_view value) const;
  void note(std::uint64_t faults::*, std::string words);
  void sent_again(const event&, std::string_view value, int member);

  mutable std::mutex mutex_;
  [[nodiscard]] std::uint64_t allowed(incident_kind) const noexcept;
  limits limits_;
  std::vector<key_history> keys_;
  std::vector<incident> incidents_;
  std::set<std::string, std::less<>> names_;
  std::map<int, std::pair<clock::time_point, clock::time_point>> closed_; // by member: from, until
  faults faults_;
  std::uint64_t produced_ = 0, done_ = 0, arrivals_ = 0, again_ = 0, rejected_ = 0, buried_ = 0, buried_again_ = 0;
};

} // namespace tocsin::chaos
