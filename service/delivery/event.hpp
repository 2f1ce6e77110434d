// One event in progress as the engine keeps it, and the pool that it lives in. Internal to delivery/.
#pragma once

#include "delivery/clock.hpp"
#include "delivery/outcome.hpp"
#include "runtime/assertion.hpp"

#include <cstdint>
#include <vector>

namespace tocsin::delivery {

// Names an event in progress. The low half is an index that is used again after the event has left (below max_in_flight plus the
// attempts of revoked partitions still on the wire), the high half tells its users apart.
using event_id = std::uint64_t;
[[nodiscard]] constexpr std::uint32_t index_of(event_id id) noexcept { return static_cast<std::uint32_t>(id); }

using slot_id = std::uint32_t;  // a topic's partition, as the consumer numbers them
using lane_key = std::uint64_t; // hash of an order key
using index = std::uint32_t;
inline constexpr index none = 0xffffffffU;

enum class event_state : std::uint8_t {
  unused,
  queued, // behind another event of its key
  ready,  // may be sent as soon as the endpoint takes it
  sending,
  waiting_retry,
  dead_lettering, // to be handed to the dead-letter topic, or handed over, or waiting to be handed over again
  parked,         // its partition is being handed back: held unsettled, never sent again from here
};

// Why an event goes to the dead letters; the relay knows the rest (refusals are named by the transformer).
enum class dead_letter_cause : std::uint8_t { refused, rejected, retries_exhausted, expired };
[[nodiscard]] std::string_view to_string(dead_letter_cause) noexcept;

struct links {
  index previous = none, next = none;
};

struct event {
  std::int64_t offset = 0;
  time_point received{};
  duration endpoint_up_at_reception{};
  time_point due{};     // while waiting: when to go on
  time_point started{}; // the last attempt
  lane_key key = 0;
  slot_id slot = 0;
  std::uint32_t epoch = 0; // of its partition, when it was received
  index lane = none;       // none: ordered with nothing
  std::uint32_t bytes = 0;
  std::uint32_t generation = 0;
  std::uint32_t attempts = 0; // made, whatever became of them
  std::uint32_t counted = 0;  // attempts that count against max_attempts
  std::uint32_t dead_letter_failures = 0;
  std::uint32_t health_period = 0;
  index heap_position = none;
  links in_slot, in_lane, in_queue;
  event_state state = event_state::unused;
  dead_letter_cause cause = dead_letter_cause::refused;
  bool handed_over = false; // dead-lettering: the producer has it
  bool orphan = false;      // its partition is no longer ours: whatever becomes of the attempt settles nothing
  bool logless = false;     // the log that it came from is gone: it goes on, and settles in nobody's offsets
};

class event_pool {
public:
  event& operator[](index i) noexcept { return events_[i]; }
  const event& operator[](index i) const noexcept { return events_[i]; }
  [[nodiscard]] index size() const noexcept { return static_cast<index>(events_.size()); }

  index allocate() {
    if (free_ == none) {
      events_.emplace_back();
      return size() - 1;
    }
    const auto i = free_;
    free_ = events_[i].in_queue.next;
    const auto generation = events_[i].generation;
    events_[i] = event{};
    events_[i].generation = generation;
    return i;
  }

  void release(index i) noexcept {
    auto& gone = events_[i];
    gone.state = event_state::unused;
    ++gone.generation;
    gone.in_queue.next = free_;
    free_ = i;
  }

  [[nodiscard]] event_id id(index i) const noexcept { return (static_cast<event_id>(events_[i].generation) << 32U) | i; }

  // The event that the id names; it must be in progress still.
  [[nodiscard]] index find(event_id id) const noexcept {
    const auto i = index_of(id);
    TOCSIN_ASSERT(i < events_.size() && events_[i].generation == static_cast<std::uint32_t>(id >> 32U));
    TOCSIN_ASSERT(events_[i].state != event_state::unused);
    return i;
  }

private:
  std::vector<event> events_;
  index free_ = none;
};

// A doubly linked list through one of an event's link members; all of it O(1).
template <links event::* Links>
class event_list {
public:
  [[nodiscard]] bool empty() const noexcept { return first_ == none; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] index front() const noexcept { return first_; }
  [[nodiscard]] static index after(const event_pool& pool, index i) noexcept { return (pool[i].*Links).next; }

  void push_back(event_pool& pool, index i) noexcept { insert(pool, i, last_, none); }
  void push_front(event_pool& pool, index i) noexcept { insert(pool, i, none, first_); }

  void erase(event_pool& pool, index i) noexcept {
    auto& own = pool[i].*Links;
    (own.previous == none ? first_ : (pool[own.previous].*Links).next) = own.next;
    (own.next == none ? last_ : (pool[own.next].*Links).previous) = own.previous;
    own = links{};
    --size_;
  }

private:
  void insert(event_pool& pool, index i, index previous, index next) noexcept {
    pool[i].*Links = links{previous, next};
    (previous == none ? first_ : (pool[previous].*Links).next) = i;
    (next == none ? last_ : (pool[next].*Links).previous) = i;
    ++size_;
  }

  index first_ = none, last_ = none;
  std::size_t size_ = 0;
};

using slot_list = event_list<&event::in_slot>;
using lane_list = event_list<&event::in_lane>;
using queue_list = event_list<&event::in_queue>;

} // namespace tocsin::delivery
