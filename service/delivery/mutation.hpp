// Seeded bugs for the tests of the tests. In the program every mutant() is false at compile time; in the simulation's build
// (TOCSIN_MUTATIONS) one of them can be switched on, and the simulation must catch it.
#pragma once

// clang-format off
#define TOCSIN_MUTATION_LIST(X) \
  X(commit_highest_settled, "commit the highest settled offset instead of the lowest unsettled one") \
  X(commit_before_dead_letter_ack, "an event counts as settled when its dead letter is handed over, not when it is acknowledged") \
  X(forget_epoch_on_completion, "a completion from before a rewind or revocation settles in the new epoch") \
  X(count_attempt_while_down, "attempts made while the endpoint is down are counted against the event") \
  X(free_lane_before_settlement, "the next event of a key may start while the one before waits for its retry") \
  X(retry_at_back_of_lane, "an event that has to be tried again queues behind the later ones of its key") \
  X(ignore_retry_after, "the endpoint is opened before the time that it asked for") \
  X(probe_with_many, "while probing, as many attempts as connections") \
  X(map_claims_unsettled, "the ack map leaves the last unsettled offset out") \
  X(map_not_tied_to_offset, "an ack map is believed whatever offset it stands beside") \
  X(forget_inherited_map, "a commit after a restart forgets what the map before it knew") \
  X(window_ignores_uncommitted, "settled but unpersisted events do not count against max_uncommitted") \
  X(commit_result_of_old_epoch, "a commit's result is believed after the partition has been reassigned") \
  X(commit_past_parked, "events handed back at a revocation no longer hold the commit back") \
  X(dead_letter_retry_forgotten, "a dead letter that failed is never tried again") \
  X(drop_on_exhaustion, "an event whose attempts are used up is settled without a dead letter") \
  X(persist_on_failed_commit, "a failed commit counts as persisted") \
  X(rate_not_enforced, "the endpoint's rate is exceeded") \
  X(zombie_frees_lane, "a revoked partition's attempt in flight no longer holds its lane") \
  X(attempt_while_held, "attempts start although the fence is up") \
  X(bytes_not_released, "the window's bytes are not given back") \
  X(map_never_used_up, "records that the map calls settled do not move the committed offset") \
  X(map_reaches_too_far, "the ack map calls the next record settled, which was never received") \
  X(map_cut_short, "a map that does not fit is cut and takes back what the one before it said") \
  X(rate_forgets_last, "an attempt given back unsent frees the rate's place of a later one that was sent") \
  X(changed_until_committed, "what settles while a commit is in flight is forgotten when that succeeds") \
  X(commit_persists_later_ones, "what settles while a commit is in flight counts as persisted by it") \
  X(age_counts_down_time, "the time that the endpoint was down counts towards max_age") \
  X(dead_letters_while_held, "dead letters go although the fence is up") \
  X(sent_after_stop, "an attempt handed out before a revocation is sent after it") \
  X(stop_forgets_waiting, "a revocation leaves the events that wait for a retry in the queue") \
  X(retry_forgotten, "an event's third retry is never due") \
  X(lane_not_handed_on, "an event that leaves its lane does not wake the next") \
  X(no_back_off, "the endpoint is probed without a pause") \
  X(start_not_persisted, "a partition that begins at the end of its log takes records before that is committed") \
  X(bytes_ignored, "the window counts events only, not their bytes") \
  X(logless_returned, "what is in progress of a log that was made anew is handed back, to be read by nobody") \
  X(logless_moves_offsets, "an event of a log that is gone settles in the offsets of the new one") \
  X(logless_overtaken, "events of a log that was made anew go before those of the log before it") \
  X(logless_parked, "a revocation holds back what nobody can read again") \
  X(parked_kept_without_log, "what a stopped partition has parked stays in progress for ever when its log is gone") \
  X(logless_not_waited_for, "a partition is handed over ahead of its events of a log that is gone") \
  X(cut_takes_all, "after a cut, what is still in the log counts as gone") \
  X(cut_keeps_map, "the ack map of before a cut is believed beyond it") \
  X(cut_forgets_in_flight, "after a cut, what is in flight of the log that is left is forgotten")
// clang-format on

namespace tocsin::delivery {

enum class mutation : int {
  none = 0,
#define TOCSIN_NAME(name, says) name,
  TOCSIN_MUTATION_LIST(TOCSIN_NAME)
#undef TOCSIN_NAME
};

#ifdef TOCSIN_MUTATIONS
inline mutation active_mutation = mutation::none;
inline bool mutant(mutation which) noexcept { return active_mutation == which; }
#else
constexpr bool mutant(mutation) noexcept { return false; }
#endif

} // namespace tocsin::delivery
