// Knows every record and what truly became of it, and says at once when the engine breaks a promise (design 1) or miscounts. It
// believes nothing that the engine says about itself but the endpoint's state, and that it checks against the truth as well.
#pragma once

#include "kafka.hpp"

#include <deque>
#include <span>
#include <stdexcept>

namespace tocsin::simulation {

using delivery::duration;
using delivery::engine;
using delivery::event_id;
using delivery::time_point;

struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] void violated(const std::string& what);
inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]]
    violated(what);
}

// How a partition was given up, which says how many of its events may be sent again.
enum class ending : std::uint8_t { clean, unclean, rewound };

class oracle {
public:
  oracle(const options&, std::vector<partition>&);

  // --- the process and its partitions
  void process_started(); // a fresh engine
  void crashed();         // everything that was in progress is gone with the process
  // From this record on. `found_anew`: what was committed lay beyond the end of the log, and the partition begins there.
  void assigned(unsigned p, std::uint32_t from, std::optional<std::int64_t> found_anew);
  // Nothing is committed, and the next thing to be read is what comes: whatever was taken before must have been settled.
  void begins_at_the_end(unsigned p);
  void stopped(unsigned p);
  void claimed_quiet(unsigned p) const;
  void released(unsigned p, ending);
  // An operator has moved the group to this record: it and all after it are to be sent (again), those before it are not.
  void moved_to(unsigned p, std::uint32_t target);
  // Another log takes the place of all that there is: what is in progress of it must reach its end all the same, before anything
  // later of its key; the rest is gone.
  void made_anew(unsigned p);
  // The end of the log is gone: what is in progress of it must reach its end in the same way; what lies before is as it was.
  void cut(unsigned p, const rearrangement&, std::int64_t to);

  // --- intake
  void arrived(unsigned p, std::uint32_t at, delivery::offset_tracker::arrival);
  void offered(unsigned p, std::uint32_t at, event_id, time_point now);
  void offered_skipped(unsigned p, std::uint32_t at);

  // --- attempts
  void attempt_started(const delivery::attempt&, bool held, std::uint32_t period, time_point now);
  void attempt_sent(event_id, bool held, delivery::endpoint_state, std::uint32_t period, time_point now);
  void attempt_withdrawn(event_id);
  void attempt_finished(event_id, delivery::outcome, std::optional<std::chrono::milliseconds> retry_after, const engine::verdict&,
                        bool was_current, bool up_now, time_point now);
  void attempt_cut_off(event_id, bool accepted); // by a crash
  void connect_failed() { ++faults_; }

  // --- dead letters
  void dead_letter_handed(event_id, delivery::dead_letter_cause, bool held, time_point now);
  enum class letter : std::uint8_t { acknowledged, failed, deferred };
  void dead_letter_ended(event_id, letter);

  // --- commits
  void commit_begun(std::span<const delivery::commit_entry>);
  void commit_ended(std::span<const bool> succeeded);
  [[nodiscard]] bool persisted_all(unsigned p) const noexcept;

  // --- after every step
  void time_passed(duration by, bool up) {
    if (up) time_up_ += by;
  }
  void settled(std::span<const delivery::settled_event>, time_point now);
  void compare(const engine&) const;
  [[nodiscard]] record_kind kind_of(event_id id) { return record_of(find(id)).kind; }
  [[nodiscard]] std::uint64_t in_progress() const noexcept { return books_.in_progress; }
  [[nodiscard]] std::uint32_t received_up_to(unsigned p) const noexcept { return places_[p].read; }
  [[nodiscard]] bool finished(unsigned p) const noexcept; // every record there is has been settled

private:
  enum class stage : std::uint8_t { idle, handed_out, sent, dead, letter_handed };
  struct reference { // an event in progress
    event_id id = 0;
    unsigned p = 0;
    std::uint32_t at = 0, tenure = 0, attempts = 0, counted = 0, period = 0;
    bool live = false;
    bool logless = false; // of a log that is gone
    bool ahead = false;   // of what was before it in its key and has been handed back
    stage now_in = stage::idle;
    std::optional<delivery::settlement> expected;
    time_point received{};
    duration up_when_received{};
  };
  struct lane_progress {
    std::uint32_t tenure = 0;
    std::int64_t offset = -1;
  };
  struct place {              // a partition, as this process has it
    std::uint32_t tenure = 0; // 0: not ours
    bool stopped = false;
    std::uint32_t read = 0, verified = 0;
    std::uint64_t settled = 0, persisted = 0; // in this tenure
    std::int64_t highest = -1;
    std::vector<lane_progress> lanes;
  };
  struct commit_in_flight {
    unsigned p = 0;
    std::uint32_t tenure = 0;
    std::uint64_t settled = 0;
    bool complete = true;
  };
  struct allowance { // for events sent again
    std::uint64_t used = 0, limit = 0;
  };

  reference& find(event_id);
  [[nodiscard]] record& record_of(const reference& r) { return logs_[r.p].log[r.at]; }
  [[nodiscard]] bool orphan(const reference& r) const noexcept { return !r.logless && r.tenure != places_[r.p].tenure; }
  void expect(reference&, delivery::settlement);
  void expect_end_as_dead_letter(reference&);
  void note_received(unsigned p, std::uint32_t at);
  void check_order(const reference&);
  [[nodiscard]] bool goes_ahead(const reference&, std::uint32_t before) const;
  void check_repetition(reference&);
  void end_attempt(reference&);
  void accepted(const reference&);
  void give_up(unsigned p, std::uint32_t allowance);
  void mislead(unsigned p);
  void check_may_be_final(const reference&, const engine::verdict&, bool counts, time_point now);
  std::uint64_t check_claims(unsigned p, const delivery::commit_entry&);

  const options& drawn_;
  std::vector<partition>& logs_;
  std::vector<place> places_;
  std::vector<reference> references_;     // by index_of(id)
  std::vector<std::uint32_t> tenures_{0}; // the allowance of each; 0: not over
  std::vector<allowance> allowances_;
  std::vector<commit_in_flight> committing_;
  std::vector<std::uint32_t> key_in_flight_;
  std::deque<std::pair<time_point, event_id>> starts_; // within the rate's window
  delivery::ledger books_;
  std::uint64_t bytes_ = 0, unpersisted_ = 0, on_the_wire_ = 0, expected_ = 0;
  std::uint32_t taken_ = 0;
  std::uint64_t faults_ = 0; // since the endpoint's last sign of life
  time_point closed_until_{}, last_send_{};
  std::uint32_t probed_period_ = nothing;
  std::optional<unsigned> parked_without_log_; // in this step
  duration time_up_{};
};

} // namespace tocsin::simulation
