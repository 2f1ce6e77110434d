// One partition's offsets: what has been received, what of it is unsettled, what may be committed. Offsets have gaps (compaction,
// control records, transactions), so contiguity is over the records received, not over integers.
// Memory is for unsettled events only: an offset below the position that is not in the list is settled.
#pragma once

#include "delivery/ack_map.hpp"
#include "delivery/event.hpp"

#include <algorithm>

namespace tocsin::delivery {

class offset_tracker {
public:
  // The partition is ours from `position` on. `inherited` is the ack map that stood beside the committed offset.
  void assign(std::int64_t position, std::optional<ack_map> inherited);

  // From `position` on the log is gone, and other records come; nothing in the list is of it. Nothing that was known or said of
  // offsets from there on holds. Which of the settled events lie there is not known: all that are not persisted remain so.
  void cut(std::int64_t position) noexcept;

  enum class arrival { fresh, settled_before, behind };
  // What a record at this offset is: new; settled already, as the inherited map says; or behind the position (a repetition by the
  // client library, to be ignored).
  [[nodiscard]] arrival classify(std::int64_t offset) const noexcept;

  void received(std::int64_t offset) noexcept {
    position_ = offset + 1;
    if (inherited_) settled_until_ = position_; // it may be settled already
  }
  void unsettled(event_pool& pool, index i) noexcept { unsettled_.push_back(pool, i); }
  void remove(event_pool& pool, index i) noexcept { unsettled_.erase(pool, i); }
  // Of a record that never was in the list, or has just been removed from it.
  void settled(std::int64_t offset) noexcept {
    ++unpersisted_;
    settled_until_ = std::max(settled_until_, offset + 1);
  }

  // The offset that may be committed: of the lowest unsettled event, or else the position.
  [[nodiscard]] std::int64_t committable(const event_pool& pool) const noexcept;

  struct snapshot {
    std::int64_t offset = 0;
    std::string metadata;        // the ack map; empty where nothing above the offset is settled
    std::int64_t horizon = 0;    // beyond it, the commit says of nothing that it is settled
    bool complete = true;        // false: the map did not fit, and covers only what lies lowest
    std::uint64_t persisted = 0; // settled events that this commit persists
  };
  [[nodiscard]] snapshot take_snapshot(const event_pool& pool) const;

  // The commit of this snapshot succeeded.
  void persisted(const snapshot&) noexcept;

  [[nodiscard]] const slot_list& events() const noexcept { return unsettled_; }
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }
  // The farthest horizon of what has been persisted: a snapshot that does not reach it would take something back.
  [[nodiscard]] std::int64_t said_until() const noexcept { return said_until_; }
  [[nodiscard]] std::uint64_t unpersisted() const noexcept { return unpersisted_; }
  void forget_unpersisted() noexcept { unpersisted_ = 0; }

private:
  [[nodiscard]] ack_map current_map(const event_pool& pool) const;

  slot_list unsettled_; // ascending by offset, because records arrive in order
  std::int64_t position_ = 0;
  std::int64_t said_until_ = 0;
  std::int64_t settled_until_ = 0;   // nothing is settled from here to the position: maps end the walk over the list here
  std::uint64_t unpersisted_ = 0;    // settled since the last snapshot that was persisted
  std::optional<ack_map> inherited_; // until the position has passed its horizon
};

} // namespace tocsin::delivery
