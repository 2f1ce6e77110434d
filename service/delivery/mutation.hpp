// Seeded bugs for the tests of the tests. In the program every mutant() is false at compile time; in the simulation's build
// (TOCSIN_MUTATIONS) one of them can be switched on, and the simulation must catch it.
#pragma once

namespace tocsin::delivery {

enum class mutation : int {
  none = 0,
  commit_highest_settled,        // commit the highest settled offset instead of the lowest unsettled one
  commit_before_dead_letter_ack, // an event counts as settled when its dead letter is handed over, not when it is acknowledged
  forget_epoch_on_completion,    // a completion from before a rewind or revocation settles in the new epoch
  count_attempt_while_down,      // attempts made while the endpoint is down are counted against the event
  free_lane_before_settlement,   // the next event of a key may start while the one before waits for its retry
  retry_at_back_of_lane,         // an event that has to be tried again queues behind the later ones of its key
  ignore_retry_after,            // the endpoint is opened before the time that it asked for
  probe_with_many,               // while probing, as many attempts as connections
  map_claims_unsettled,          // the ack map leaves the last unsettled offset out
  map_not_tied_to_offset,        // an ack map is believed whatever offset it stands beside
  forget_inherited_map,          // a commit after a restart forgets what the map before it knew
  window_ignores_uncommitted,    // settled but unpersisted events do not count against max_uncommitted
  commit_result_of_old_epoch,    // a commit's result is believed after the partition has been reassigned
  commit_past_parked,            // events handed back at a revocation no longer hold the commit back
  dead_letter_retry_forgotten,   // a dead letter that failed is never tried again
  drop_on_exhaustion,            // an event whose attempts are used up is settled without a dead letter
  persist_on_failed_commit,      // a failed commit counts as persisted
  rate_not_enforced,             // the endpoint's rate is exceeded
  zombie_frees_lane,             // a revoked partition's attempt in flight no longer holds its lane
  attempt_while_held,            // attempts start although the fence is up
  skip_settles_nothing,          // a skipped event is forgotten by the ledger
  bytes_not_released,            // the window's bytes are not given back
  count_,
};

#ifdef TOCSIN_MUTATIONS
inline mutation active_mutation = mutation::none;
inline bool mutant(mutation which) noexcept { return active_mutation == which; }
#else
constexpr bool mutant(mutation) noexcept { return false; }
#endif

} // namespace tocsin::delivery
