// The queues of the order keys: first come, first sent, one at a time. A lane exists only while it holds an event, so that memory
// is for keys in progress and never for keys seen. Two keys whose hashes meet share a lane: slower, never out of order.
#pragma once

#include "delivery/event.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace tocsin::delivery {

class lanes {
public:
  // Puts the event at the end of its key's lane. True where it is alone there, and so may be sent.
  bool enter(event_pool&, index, lane_key);

  // The event has left: settled, or handed back. Returns the event whose turn has come, or `none`; a lane that is empty is gone.
  index leave(event_pool&, index);

  [[nodiscard]] bool is_head(const event_pool&, index) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return by_key_.size(); }

  // Only for a seeded bug: the event goes behind the others of its lane. Returns the lane's new head.
  index to_back(event_pool&, index);

private:
  struct lane {
    lane_list events;
    index next_free = none;
  };

  std::vector<lane> lanes_;
  index free_ = none;
  boost::unordered_flat_map<lane_key, index> by_key_;
};

} // namespace tocsin::delivery
