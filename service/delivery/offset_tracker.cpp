#include "delivery/offset_tracker.hpp"

#include "delivery/mutation.hpp"

#include <algorithm>

namespace tocsin::delivery {

void offset_tracker::assign(std::int64_t position, std::optional<ack_map> inherited) {
  TOCSIN_ASSERT(unsettled_.empty());
  position_ = position;
  unpersisted_ = 0;
  settled_until_ = position;
  said_until_ = inherited ? inherited->horizon : position;
  inherited_ = std::move(inherited);
}

void offset_tracker::cut(std::int64_t position) noexcept {
  position_ = position;
  settled_until_ = std::min(settled_until_, position);
  said_until_ = std::min(said_until_, position);
  if (!mutant(mutation::cut_keeps_map)) inherited_.reset(); // below the position, the list says it all
}

offset_tracker::arrival offset_tracker::classify(std::int64_t offset) const noexcept {
  if (offset < position_) return arrival::behind;
  if (inherited_ && inherited_->settled(offset)) return arrival::settled_before;
  return arrival::fresh;
}

std::int64_t offset_tracker::committable(const event_pool& pool) const noexcept {
  if (unsettled_.empty() || mutant(mutation::commit_highest_settled)) return position_;
  if (mutant(mutation::commit_past_parked)) {
    for (auto i = unsettled_.front(); i != none; i = slot_list::after(pool, i))
      if (pool[i].state != event_state::parked) return pool[i].offset;
    return position_;
  }
  return pool[unsettled_.front()].offset;
}

ack_map offset_tracker::current_map(const event_pool& pool) const {
  ack_map map{committable(pool), position_, {}};
  const auto add = [&map](std::int64_t first, std::int64_t end) {
    if (!map.unsettled.empty() && map.unsettled.back().end == first) {
      map.unsettled.back().end = end;
    } else {
      map.unsettled.push_back({first, end});
    }
  };
  for (auto i = unsettled_.front(); i != none; i = slot_list::after(pool, i)) {
    const auto offset = pool[i].offset;
    if (offset < map.committed) continue;
    if (offset >= settled_until_) { // so is everything after it, and what lies between does not exist
      add(offset, position_);
      break;
    }
    add(offset, offset + 1);
  }
  // What the map before knew of records that have not been received again yet.
  if (inherited_ && inherited_->horizon > position_ && !mutant(mutation::forget_inherited_map)) {
    for (const auto& run : inherited_->unsettled)
      if (run.end > position_) add(std::max(run.first, position_), run.end);
    map.horizon = inherited_->horizon;
  }
  return map;
}

offset_tracker::snapshot offset_tracker::take_snapshot(const event_pool& pool) const {
  const auto committed = committable(pool);
  snapshot taken{committed, {}, committed, true, unpersisted_};
  const auto nothing_inherited = !inherited_ || inherited_->horizon <= position_;
  if (unsettled_.empty() && nothing_inherited) return taken;
  auto map = current_map(pool);
  // Between the committed offset and the first unsettled one there may be records known to be settled: begin behind them.
  if (map.unsettled.empty()) {
    taken.offset = taken.horizon = map.horizon;
    return taken;
  }
  taken.offset = taken.horizon = map.committed = map.unsettled.front().first;
  const bool something_settled_above = map.unsettled.back().end < map.horizon || map.unsettled.size() > 1;
  if (!something_settled_above) return taken;
  if (auto text = encode(map)) {
    taken.metadata = std::move(*text);
  } else {
    taken.metadata = encode_what_fits(map);
    taken.complete = false;
    taken.persisted = 0;
  }
  taken.horizon = map.horizon;
  return taken;
}

void offset_tracker::persisted(const snapshot& taken) noexcept {
  unpersisted_ -= std::min(unpersisted_, mutant(mutation::commit_persists_later_ones) ? unpersisted_ : taken.persisted);
  said_until_ = std::max(said_until_, taken.horizon);
  if (inherited_ && inherited_->horizon <= position_) inherited_.reset();
}

} // namespace tocsin::delivery
