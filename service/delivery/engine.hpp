// Decides what is sent when, what is tried again, what goes to the dead letters, and what may be committed: the promises of this
// program as one state machine. It does no I/O, reads no clock, starts no thread and logs nothing: calls go in, decisions come
// out, so that a simulation can drive millions of steps of it. Every call is O(1) or O(log n) in the events in progress, but for
// those that say otherwise. One thread.
//
// The life of an event:
//
//   offer ─► queued ─► ready ─► sending ─► settled (delivered | skipped)
//                        ▲         │
//                        │         ├─► waiting_retry ─► ready
//                        │         └─► dead_lettering ─► settled (dead_lettered | dropped)
//   offer_refused ───────────────────────────▲
//
// A revocation parks what has not been started; release() hands it back (`returned`). Only what nobody can read again goes on to
// its end whoever has the partition: begin_anew().
#pragma once

#include "delivery/deadline_queue.hpp"
#include "delivery/endpoint_health.hpp"
#include "delivery/event.hpp"
#include "delivery/lanes.hpp"
#include "delivery/offset_tracker.hpp"
#include "delivery/rate_limiter.hpp"
#include "delivery/retry_policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tocsin::delivery {

struct engine_settings {
  health_limits health;
  retry_limits retry;
  std::uint32_t rate_count = 0; // 0: no limit
  duration rate_per{};
  std::uint32_t max_in_flight = 4096;              // events in progress; at least 1
  std::uint64_t max_in_flight_bytes = 64ULL << 20; // of their values; one event may always enter
  std::uint32_t max_uncommitted = 4096;            // in progress, plus settled but not persisted; at least 1
  duration commit_interval = std::chrono::seconds(1);
  duration recommit_interval = std::chrono::hours(1); // an unchanged offset is committed again, so that it does not expire
  bool dead_letters = true;                           // false: what would be dead-lettered is dropped, and counted
};

struct ledger {
  std::uint64_t received = 0, delivered = 0, skipped = 0, dead_lettered = 0, dropped = 0, returned = 0, in_progress = 0;
  std::uint64_t retries = 0;    // attempts beyond the first of an event
  std::uint64_t sent_again = 0; // events received again by this process, after a rewind or a reassignment
  [[nodiscard]] bool balanced() const noexcept {
    return received == delivered + skipped + dead_lettered + dropped + returned + in_progress;
  }
};

struct state_counts {
  std::uint64_t queued = 0, sending = 0, waiting_retry = 0, dead_lettering = 0, parked = 0;
};

// An event has left the relay. Whoever holds something for it lets go of it now.
struct settled_event {
  event_id id = 0;
  slot_id slot = 0;
  delivery::settlement settlement = settlement::returned;
  time_point received{};
};

struct attempt {
  event_id id = 0;
  std::uint32_t number = 1; // 1 for the first
};

struct commit_entry {
  slot_id slot = 0;
  std::uint32_t epoch = 0;
  std::int64_t offset = 0;
  std::string metadata;
};

class engine {
public:
  engine(const engine_settings&, std::uint64_t seed);

  // --- partitions ---------------------------------------------------------------------------------------------------------
  // Where a partition begins. A position that was chosen, and would be chosen differently the next time (the end of the log), is
  // committed before the first record is wanted: a crash before the first commit would lose what had been received.
  enum class begins_at : std::uint8_t { committed, chosen };
  // The partition is ours, from `position` on; `metadata` is what stood beside the committed offset `position` (anything that is
  // no ack map of ours, or of another offset, is ignored). Not to be called for a partition that is ours already.
  void assign(slot_id, std::int64_t position, std::string_view metadata = {}, begins_at = begins_at::committed);
  // Nothing more of the partition is started; what has not been started is parked. Attempts in flight go on and settle, and so do
  // dead letters, also those that only now become any, so that nothing whose fate is known is sent again by the next owner; one
  // that cannot be written is parked. Costs O(events of the partition). Idempotent.
  void stop(slot_id, time_point now);
  // True once nothing of a stopped partition is in flight any more, none of its dead letters is to be handed over, and no event
  // of a log of its that is gone is in progress (also where it is not ours any more): who has it next might overtake that.
  [[nodiscard]] bool quiet(slot_id) const noexcept;
  // The partition is no longer ours: its events are `returned`; attempts still in flight end as `returned` and settle nothing.
  // Costs O(events of the partition). Idempotent.
  void release(slot_id, time_point now);
  [[nodiscard]] bool assigned(slot_id) const noexcept;

  // The log of the partition, which is ours, is gone from `position` on, and other records come with these offsets: it was cut
  // there, or its topic was made anew (then `position` is its beginning). The partition goes on at `position`, under a new epoch;
  // one that is stopped stays it, and hands that position over. What is in progress of offsets below can still be read: it stays
  // an event of the partition, and holds the commit back. What is in progress from `position` on can be read by nobody any more:
  // it goes on to be delivered or dead-lettered, ahead of later ones of its key, also while the partition is stopped and after it
  // was released; it moves no offset. Only what a stopped partition has parked is `dropped`. What was committed may speak of the
  // records that are gone: nothing is wanted before that has been committed anew, without them. Until then, all that was settled
  // and not persisted counts as that. Costs O(events of the partition).
  void begin_anew(slot_id, std::int64_t position, time_point now);
  // At the end of the process: what is in progress of logs that are gone and not in flight is `dropped`, because nobody will read
  // it again. Costs O(such events).
  void drop_logless(time_point now);
  // How many are in progress of logs that are gone, of whatever partition.
  [[nodiscard]] std::uint64_t logless() const noexcept { return logless_.size(); }

  // --- intake -------------------------------------------------------------------------------------------------------------
  // Whether one more record of this partition may be offered: there is room in the window, the partition is ours and not stopped,
  // and its ack map fits.
  [[nodiscard]] bool wants(slot_id) const noexcept;
  [[nodiscard]] bool window_open() const noexcept;

  // Whether a record at this offset is news. Anything but `fresh` is noted and must not be offered.
  offset_tracker::arrival arrive(slot_id, std::int64_t offset);
  // Each offset after arrive() said `fresh`, once, in order. `key`: none for an event that is ordered with nothing.
  event_id offer(slot_id, std::int64_t offset, std::uint32_t bytes, std::optional<lane_key> key, time_point now);
  event_id offer_refused(slot_id, std::int64_t offset, std::uint32_t bytes, time_point now);
  void offer_skipped(slot_id, std::int64_t offset);

  // --- attempts -----------------------------------------------------------------------------------------------------------
  // How many connections are of use now: attempts in flight plus those that could start.
  std::uint32_t connections_wanted(time_point now);
  // The next event to be sent, which is `sending` from now on.
  std::optional<attempt> next_attempt(time_point now);
  // Whether an attempt handed out earlier, of which nothing has been sent, may still go.
  bool may_send(event_id, time_point now);
  // An attempt of which nothing has been sent is given back: it is no attempt.
  void withdraw(event_id, time_point now);

  struct verdict {
    enum class next_step : std::uint8_t { settled, retry, dead_letter, returned };
    next_step next = next_step::settled;
    std::uint32_t attempts = 0;             // made so far
    std::optional<dead_letter_cause> cause; // with dead_letter
    duration retry_in{};                    // with retry
  };
  verdict finished(event_id, outcome, std::optional<std::chrono::milliseconds> retry_after, time_point now);
  void connect_failed(time_point now);
  // The endpoint's state, brought up to date.
  endpoint_state endpoint(time_point now) { return health_.state(now); }
  [[nodiscard]] const endpoint_health& health() const noexcept { return health_; }

  // While held, no attempt starts: membership of the group is in doubt (a stall), or the process is stopping.
  void hold(bool on) noexcept { held_ = on; }

  // --- dead letters -------------------------------------------------------------------------------------------------------
  std::optional<event_id> next_dead_letter();
  void dead_letter_acknowledged(event_id, time_point now);
  // It is handed out again after a back-off of up to retry.max; until then its lane waits.
  void dead_letter_failed(event_id, time_point now);
  // It could not be handed over just now (a local queue is full): no failure, it is next again at the next tick.
  void dead_letter_deferred(event_id, time_point now);

  // --- time ---------------------------------------------------------------------------------------------------------------
  // Moves on what is due. The sooner of next_due() and a commit's end is when to call it again.
  void tick(time_point now);
  [[nodiscard]] time_point next_due(time_point now) const noexcept;

  // --- commits ------------------------------------------------------------------------------------------------------------
  // Whether it is time for a commit, and none is in flight.
  [[nodiscard]] bool commit_due(time_point now) const noexcept;
  // The offsets to commit now, all that changed, due or not; from here on a commit is in flight, unless the list is empty.
  std::vector<commit_entry> begin_commit(time_point now);
  // Its end: whether each entry of the list succeeded, in its order.
  void commit_finished(std::span<const bool> succeeded, time_point now);
  [[nodiscard]] bool commit_in_flight() const noexcept { return !committing_.empty(); }
  [[nodiscard]] bool anything_to_commit() const noexcept;
  // How many partitions of ours take nothing in before their start is committed (begins_at::chosen, begin_anew()).
  [[nodiscard]] std::uint32_t starts_to_persist() const noexcept { return starts_to_persist_; }

  // --- what is told -------------------------------------------------------------------------------------------------------
  // Events that have left since the last call; the caller swaps the list for an empty one.
  void take_settled(std::vector<settled_event>& into);
  [[nodiscard]] const ledger& totals() const noexcept { return ledger_; }
  [[nodiscard]] const state_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::uint32_t in_flight() const noexcept { return static_cast<std::uint32_t>(counts_.sending); }
  [[nodiscard]] std::uint64_t bytes_in_progress() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t unpersisted() const noexcept { return unpersisted_; }
  [[nodiscard]] std::size_t lanes_in_use() const noexcept { return lanes_.size(); }

  struct slot_status {
    std::int64_t position = 0;
    std::optional<std::int64_t> committed; // by this process, since the assignment
    std::optional<std::int64_t> oldest_unsettled;
    std::optional<event_id> oldest_unsettled_id;
    std::uint64_t in_progress = 0;
    std::uint32_t epoch = 0;
  };
  [[nodiscard]] slot_status status(slot_id) const;
  [[nodiscard]] const event& get(event_id id) const noexcept { return pool_[pool_.find(id)]; }

  // Stops the program where the books do not balance. O(partitions).
  void check() const;

private:
  struct slot {
    offset_tracker tracker;
    std::uint32_t epoch = 0;
    bool ours = false;
    bool stopped = false;
    bool map_fits = true;
    bool start_persisted = true;    // false: nothing is taken in before the position has been committed
    bool changed = false;           // something to persist since the last commit that was begun
    std::int64_t highest_seen = -1; // by this process, over all assignments
    std::uint64_t in_flight = 0;    // attempts, and dead letters handed over or next to be; none that is logless
    std::uint64_t logless = 0;      // in progress, of logs of the partition that are gone; outlives an assignment
    std::optional<std::int64_t> committed;
    time_point committed_at{};
  };
  struct pending_commit {
    slot_id slot = 0;
    std::uint32_t epoch = 0;
    offset_tracker::snapshot snapshot;
  };

  slot& at(slot_id);
  index enter(slot_id, std::int64_t offset, std::uint32_t bytes, time_point now);
  void note_received(slot&, std::int64_t offset);
  void make_ready(index, bool at_front = false);
  void unready(index);
  void lose_log(index);
  void count_state(event_state, std::int64_t by) noexcept;
  void set_state(index, event_state);
  void wait_until(index, time_point due);
  void to_dead_letters(index, dead_letter_cause, time_point now);
  void queue_dead_letter(index);
  void settle(index, settlement, time_point now);
  void leave(index, settlement);
  void left_lane(index next);
  void park(index);
  void end_attempt(index);
  void count_in_flight(const event&, std::int64_t by) noexcept;
  [[nodiscard]] bool stopped(const event&) const noexcept;
  [[nodiscard]] static bool on_its_way(const event&) noexcept;
  [[nodiscard]] bool expired(const event&, time_point now) const noexcept;
  verdict try_again(index, bool counts, time_point now);

  engine_settings settings_;
  random_source random_;
  endpoint_health health_;
  rate_limiter rate_;
  event_pool pool_;
  lanes lanes_;
  queue_list ready_;
  queue_list dead_letters_; // to be handed over
  deadline_queue waiting_;  // retries, and dead letters that failed
  slot_list logless_;       // in progress, of logs that are gone
  std::vector<slot> slots_;
  std::vector<pending_commit> committing_;
  std::vector<settled_event> settled_;
  ledger ledger_;
  state_counts counts_;
  std::uint64_t bytes_ = 0;
  std::uint64_t unpersisted_ = 0;       // of all partitions that are ours
  std::uint32_t starts_to_persist_ = 0; // partitions of ours that wait for that
  time_point last_commit_{};
  bool held_ = false;
};

} // namespace tocsin::delivery
