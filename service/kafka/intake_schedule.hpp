// Whose turn it is: which partitions have records and may give them, in a fair order. No I/O.
//
// A partition is idle (nothing known to wait), ready (in the ring), or held (has records, but its owner had no room). What is
// ready stays ready until somebody has seen its queue empty: a wake-up is never lost by draining a queue only in part.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace tocsin::kafka {

class intake_schedule {
public:
  using slot_id = std::uint32_t;

  void add(slot_id slot);    // begins as ready: what came before is not announced again
  void remove(slot_id slot); // no further turn; may be added again
  [[nodiscard]] bool contains(slot_id slot) const noexcept;
  [[nodiscard]] bool is_idle(slot_id slot) const noexcept;

  void mark_ready(slot_id slot); // ignored for a slot that is not there, or ready, or held
  void mark_all_ready();         // held ones as well

  // Held slots are ready again; whether there was any.
  bool release_held();

  // The slot whose turn it is, which is then in nobody's hands: say one of the three of it before the next call
  // (nothing is to be said of one that was removed meanwhile; saying it does no harm).
  [[nodiscard]] std::optional<slot_id> next();
  void again(slot_id slot); // there may be more: to the end of the ring
  void hold(slot_id slot);  // there is more, and no room for it
  void idle(slot_id slot);  // its queue was seen empty

  [[nodiscard]] bool has_ready() const noexcept { return ready_ > 0; }

private:
  enum class state : std::uint8_t { absent, idle, ready, held, in_hand };
  state& at(slot_id slot);
  void to_ready(slot_id slot);

  std::vector<state> states_;
  std::deque<slot_id> ring_; // the ready ones, the next in front
  std::vector<slot_id> held_;
  std::size_t ready_ = 0;
};

} // namespace tocsin::kafka
