// The engine's partitions: assignment, revocation, commits.
#include "delivery/engine.hpp"
#include "delivery/mutation.hpp"

#include <algorithm>

namespace tocsin::delivery {

engine::slot& engine::at(slot_id id) {
  TOCSIN_ASSERT(id < slots_.size());
  return slots_[id];
}

void engine::assign(slot_id id, std::int64_t position, std::string_view metadata, begins_at begins) {
  if (id >= slots_.size()) slots_.resize(id + 1);
  auto& own = slots_[id];
  TOCSIN_ASSERT(!own.ours);
  ++own.epoch;
  own.tracker.assign(position, decode(metadata, position));
  own.ours = true;
  own.stopped = false;
  own.map_fits = true;
  own.start_persisted = begins == begins_at::committed || mutant(mutation::start_not_persisted);
  own.changed = !own.start_persisted;
  if (!own.start_persisted) ++starts_to_persist_;
  own.committed.reset();
  own.in_flight = 0;
}

bool engine::assigned(slot_id id) const noexcept { return id < slots_.size() && slots_[id].ours; }

bool engine::quiet(slot_id id) const noexcept {
  if (id >= slots_.size()) return true;
  return slots_[id].in_flight == 0 && (slots_[id].logless == 0 || mutant(mutation::logless_not_waited_for));
}

bool engine::on_its_way(const event& e) noexcept {
  return e.state == event_state::sending || (e.state == event_state::dead_lettering && e.heap_position == none);
}

// Out of every queue, but not out of its lane: the lane's next event may belong to a partition that goes on.
void engine::unready(index i) {
  auto& e = pool_[i];
  switch (e.state) {
  case event_state::ready: ready_.erase(pool_, i); break;
  case event_state::waiting_retry:
    if (!mutant(mutation::stop_forgets_waiting)) waiting_.erase(pool_, i);
    break;
  case event_state::dead_lettering: waiting_.erase(pool_, i); break;
  default: break;
  }
}

void engine::park(index i) {
  set_state(i, event_state::parked);
  if (pool_[i].lane != none) left_lane(lanes_.leave(pool_, i));
}

void engine::stop(slot_id id, time_point /*now*/) {
  if (!assigned(id) || slots_[id].stopped) return;
  auto& own = slots_[id];
  own.stopped = true;
  if (!own.map_fits) own.changed = true; // what fits is better than nothing for who comes next
  // Two passes: the first takes every event of the partition out of the queues, so that a lane freed by the second cannot make
  // one of them ready.
  std::vector<index> to_park;
  for (auto i = own.tracker.events().front(); i != none; i = slot_list::after(pool_, i)) {
    if (on_its_way(pool_[i])) continue;
    unready(i);
    set_state(i, event_state::parked);
    to_park.push_back(i);
  }
  for (const auto i : to_park)
    if (pool_[i].lane != none) left_lane(lanes_.leave(pool_, i));
}

void engine::release(slot_id id, time_point now) {
  if (!assigned(id)) return;
  stop(id, now);
  auto& own = slots_[id];
  for (auto i = own.tracker.events().front(); i != none;) {
    const auto next = slot_list::after(pool_, i);
    auto& e = pool_[i];
    own.tracker.remove(pool_, i); // out of the list; nothing is settled by this, because the tracker ends here
    e.orphan = true;
    const bool never_handed_over = e.state == event_state::dead_lettering && !e.handed_over;
    if (never_handed_over) dead_letters_.erase(pool_, i);
    if (never_handed_over || e.state == event_state::parked) {
      leave(i, settlement::returned);
    } else {
      if (mutant(mutation::zombie_frees_lane) && e.lane != none) left_lane(lanes_.leave(pool_, i));
    }
    i = next;
  }
  unpersisted_ -= own.tracker.unpersisted();
  own.tracker.forget_unpersisted();
  if (!own.start_persisted) --starts_to_persist_;
  own.start_persisted = true;
  own.ours = false;
  own.changed = false;
  own.in_flight = 0;
  ++own.epoch;
}

void engine::begin_anew(slot_id id, std::int64_t position, time_point now) {
  TOCSIN_ASSERT(assigned(id));
  if (mutant(mutation::logless_returned) && !slots_[id].stopped) {
    release(id, now);
    return assign(id, position, {}, begins_at::chosen);
  }
  auto& own = slots_[id];
  ++own.epoch;
  for (auto i = own.tracker.events().front(); i != none;) {
    const auto next = slot_list::after(pool_, i);
    if (pool_[i].offset < position && !mutant(mutation::cut_takes_all)) {
      pool_[i].epoch = own.epoch;
    } else {
      lose_log(i);
      if (pool_[i].state == event_state::parked && !mutant(mutation::parked_kept_without_log))
        settle(i, settlement::dropped, now);
    }
    i = next;
  }
  own.tracker.cut(position);
  if (mutant(mutation::cut_forgets_in_flight)) own.in_flight = 0;
  if (own.start_persisted) ++starts_to_persist_;
  own.start_persisted = false;
  own.changed = true;
  own.committed.reset();
  own.highest_seen = std::min(own.highest_seen, position - 1);
}

// Out of the partition's list, which settles nothing, and on without it.
void engine::lose_log(index i) {
  auto& e = pool_[i];
  auto& own = slots_[e.slot];
  own.tracker.remove(pool_, i);
  if (on_its_way(e)) count_in_flight(e, -1);
  e.logless = true;
  logless_.push_back(pool_, i);
  ++own.logless;
  if (mutant(mutation::logless_overtaken) && e.lane != none) left_lane(lanes_.leave(pool_, i));
}

void engine::drop_logless(time_point now) {
  for (auto i = logless_.front(); i != none;) {
    const auto next = slot_list::after(pool_, i);
    const auto& e = pool_[i];
    if (e.state != event_state::sending && !e.handed_over) {
      if (e.state == event_state::dead_lettering && e.heap_position == none) {
        dead_letters_.erase(pool_, i);
      } else {
        unready(i);
      }
      settle(i, settlement::dropped, now);
    }
    i = next;
  }
}

// --- commits
// ----------------------------------------------------------------------------------------------------------------------

bool engine::anything_to_commit() const noexcept {
  return std::any_of(slots_.begin(), slots_.end(), [](const slot& own) { return own.ours && own.changed; });
}

bool engine::commit_due(time_point now) const noexcept {
  if (!committing_.empty()) return false;
  // An eighth of max_uncommitted: with what settles while the commit is on its way, well under a quarter is ever unpersisted.
  if (unpersisted_ >= std::max(settings_.max_uncommitted / 8, 1U) && anything_to_commit()) return true;
  if (starts_to_persist_ > 0 && anything_to_commit()) return true;
  if (now - last_commit_ < settings_.commit_interval) return false;
  return std::any_of(slots_.begin(), slots_.end(), [&](const slot& own) {
    return own.ours && (own.changed || (own.committed && now - own.committed_at >= settings_.recommit_interval));
  });
}

std::vector<commit_entry> engine::begin_commit(time_point now) {
  TOCSIN_ASSERT(committing_.empty());
  last_commit_ = now;
  std::vector<commit_entry> entries;
  for (slot_id id = 0; id < slots_.size(); ++id) {
    auto& own = slots_[id];
    const bool stale = own.committed && now - own.committed_at >= settings_.recommit_interval;
    if (!own.ours || (!own.changed && !stale)) continue;
    auto taken = own.tracker.take_snapshot(pool_);
    own.map_fits = taken.complete;
    // Also where the map does not fit: it will not before something else settles.
    if (!mutant(mutation::changed_until_committed)) own.changed = false;
    // The commit before still says all that it said; a shorter map now would take some of that back. Only a partition that is
    // being handed over takes what fits, where that takes nothing back.
    const bool takes_nothing_back = own.stopped && taken.horizon >= own.tracker.said_until();
    if (!taken.complete && !takes_nothing_back && !mutant(mutation::map_cut_short)) continue;
    entries.push_back({id, own.epoch, taken.offset, taken.metadata});
    committing_.push_back({id, own.epoch, std::move(taken)});
  }
  return entries;
}

void engine::commit_finished(std::span<const bool> succeeded, time_point now) {
  TOCSIN_ASSERT(succeeded.size() == committing_.size());
  const auto ended = std::exchange(committing_, {});
  for (std::size_t n = 0; n < ended.size(); ++n) {
    auto& own = at(ended[n].slot);
    if (own.epoch != ended[n].epoch && !mutant(mutation::commit_result_of_old_epoch)) continue;
    if (!succeeded[n] && !mutant(mutation::persist_on_failed_commit)) {
      own.changed = true;
      continue;
    }
    const auto before = own.tracker.unpersisted();
    own.tracker.persisted(ended[n].snapshot);
    unpersisted_ -= before - own.tracker.unpersisted();
    own.committed = ended[n].snapshot.offset;
    own.committed_at = now;
    if (!own.start_persisted) --starts_to_persist_;
    own.start_persisted = true;
    if (mutant(mutation::changed_until_committed)) own.changed = false;
  }
}

engine::slot_status engine::status(slot_id id) const {
  TOCSIN_ASSERT(id < slots_.size());
  const auto& own = slots_[id];
  slot_status told;
  told.position = own.tracker.position();
  told.committed = own.committed;
  told.epoch = own.epoch;
  told.in_progress = own.tracker.events().size();
  if (!own.tracker.events().empty()) {
    const auto oldest = own.tracker.events().front();
    told.oldest_unsettled = pool_[oldest].offset;
    told.oldest_unsettled_id = pool_.id(oldest);
  }
  return told;
}

} // namespace tocsin::delivery
