#include "delivery/lanes.hpp"

#include "delivery/mutation.hpp"

namespace tocsin::delivery {

bool lanes::enter(event_pool& pool, index i, lane_key key) {
  const auto [found, is_new] = by_key_.try_emplace(key, none);
  if (is_new) {
    if (free_ == none) {
      lanes_.emplace_back();
      found->second = static_cast<index>(lanes_.size() - 1);
    } else {
      found->second = free_;
      free_ = lanes_[free_].next_free;
    }
  }
  auto& own = pool[i];
  own.lane = found->second;
  own.key = key;
  lanes_[own.lane].events.push_back(pool, i);
  return is_new;
}

index lanes::leave(event_pool& pool, index i) {
  auto& own = pool[i];
  auto& from = lanes_[own.lane];
  const bool was_head = from.events.front() == i;
  from.events.erase(pool, i);
  if (from.events.empty()) {
    by_key_.erase(own.key);
    from.next_free = free_;
    free_ = own.lane;
    own.lane = none;
    return none;
  }
  own.lane = none;
  return was_head && !mutant(mutation::lane_not_handed_on) ? from.events.front() : none;
}

bool lanes::is_head(const event_pool& pool, index i) const noexcept {
  return pool[i].lane == none || lanes_[pool[i].lane].events.front() == i;
}

index lanes::to_back(event_pool& pool, index i) {
  auto& own = lanes_[pool[i].lane];
  own.events.erase(pool, i);
  own.events.push_back(pool, i);
  return own.events.front();
}

} // namespace tocsin::delivery
