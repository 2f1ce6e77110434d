#include "kafka/intake_schedule.hpp"

#include "runtime/assertion.hpp"

namespace tocsin::kafka {

intake_schedule::state& intake_schedule::at(slot_id slot) {
  if (slot >= states_.size()) states_.resize(slot + 1, state::absent);
  return states_[slot];
}

bool intake_schedule::contains(slot_id slot) const noexcept { return slot < states_.size() && states_[slot] != state::absent; }

bool intake_schedule::is_idle(slot_id slot) const noexcept { return slot < states_.size() && states_[slot] == state::idle; }

void intake_schedule::to_ready(slot_id slot) {
  at(slot) = state::ready;
  ++ready_;
  ring_.push_back(slot);
}

void intake_schedule::add(slot_id slot) {
  TOCSIN_ASSERT(at(slot) == state::absent);
  to_ready(slot);
}

void intake_schedule::remove(slot_id slot) {
  if (at(slot) == state::ready) {
    --ready_;
    std::erase(ring_, slot);
  } else if (at(slot) == state::held) {
    std::erase(held_, slot);
  }
  at(slot) = state::absent;
}

void intake_schedule::mark_ready(slot_id slot) {
  if (contains(slot) && at(slot) == state::idle) to_ready(slot);
}

void intake_schedule::mark_all_ready() {
  release_held();
  for (slot_id slot = 0; slot < states_.size(); ++slot) mark_ready(slot);
}

bool intake_schedule::release_held() {
  if (held_.empty()) return false;
  for (const slot_id slot : held_) to_ready(slot);
  held_.clear();
  return true;
}

std::optional<intake_schedule::slot_id> intake_schedule::next() {
  if (ring_.empty()) return std::nullopt;
  const slot_id slot = ring_.front();
  ring_.pop_front();
  TOCSIN_ASSERT(at(slot) == state::ready);
  --ready_;
  at(slot) = state::in_hand;
  return slot;
}

void intake_schedule::again(slot_id slot) {
  if (at(slot) == state::in_hand) to_ready(slot);
}

void intake_schedule::hold(slot_id slot) {
  if (at(slot) != state::in_hand) return;
  at(slot) = state::held;
  held_.push_back(slot);
}

void intake_schedule::idle(slot_id slot) {
  if (at(slot) == state::in_hand) at(slot) = state::idle;
}

} // namespace tocsin::kafka
