// What has been decided is carried out: commits, dead letters, the endpoint's state in the log, and the ledger in the metrics.
#include "app/flow.hpp"
#include "push/pusher.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tocsin::app {

void flow::kick() {
  if (kicked_) return;
  kicked_ = true;
  boost::asio::post(parts_.executor, [this] { pump(); });
}

void flow::pump() {
  kicked_ = false;
  const auto now = clock::now();
  engine_.tick(now);
  send_dead_letters(now);
  tell_settled(now);
  if (stopping_) return;
  pusher_->wake();
  consumer_->resume_intake();
  if (engine_.commit_due(now)) commit_wanted_.notify_one();
  if (const auto due = engine_.next_due(now); due != delivery::never)
    due_.expires_at(std::max(due, now + std::chrono::milliseconds(1)));
}

// Events that have left: count them, let go of what was kept for them, and tell whoever waits for partitions to become quiet.
void flow::tell_settled(clock::time_point now, std::string_view why) {
  engine_.take_settled(settled_);
  if (settled_.empty()) return;
  for (const auto& gone : settled_) {
    auto& stored = store_.at(gone.id);
    parts_.metrics.settled(stored.topic, gone.settlement, now - gone.received);
    if (gone.settlement == delivery::settlement::dead_lettered) parts_.metrics.dead_lettered(stored.topic, stored.reason);
    if (gone.settlement == delivery::settlement::dropped) log_outcome(gone.id, fmt::format("event dropped: {}", why));
    store_.remove(gone.id);
  }
  if (progress_.waiting() > 0) progress_.notify_all();
}

// --- dead letters
// -----------------------------------------------------------------------------------------------------------------

void flow::send_dead_letters(clock::time_point now) {
  if (letters_ == nullptr) return;
  while (const auto id = engine_.next_dead_letter()) {
    auto& stored = store_.at(*id);
    if (stored.reason.empty()) stored.reason = delivery::to_string(engine_.get(*id).cause);
    kafka::dead_letter_note note;
    note.reason = stored.reason;
    note.detail = stored.detail;
    if (stored.attempts > 0) note.attempts = stored.attempts;
    if (stored.last_status > 0) note.status = stored.last_status;
    if (letters_->send(*stored.record, note, *id, std::chrono::system_clock::now())) {
      engine_.dead_letter_deferred(*id, now);
      return; // the producer's queue is full: its acknowledgements, or the next tick, go on
    }
  }
}

void flow::on_dead_letter(std::uint64_t id, const std::optional<kafka::failure>& error) {
  const auto now = clock::now();
  if (error) {
    parts_.metrics.dead_letter_error();
    if (!letters_failing_)
      log::error("dead letters cannot be written; their keys wait until they can",
                 {{"topic", parts_.settings.dead_letter.topic}, {"error", error->message}});
    letters_failing_ = true;
    engine_.dead_letter_failed(id, now);
  } else {
    if (letters_failing_) log::info("dead letters can be written again", {{"topic", parts_.settings.dead_letter.topic}});
    letters_failing_ = false;
    engine_.dead_letter_acknowledged(id, now);
  }
  kick();
}

// A line for an event that did not simply go through: enough to find it, nothing of what is in it.
void flow::log_outcome(delivery::event_id id, std::string_view what) {
  auto& limiter = what == "event refused" ? refusals_ : rejections_;
  const auto suppressed = limiter.due(clock::now());
  if (!suppressed) return;
  const auto& stored = store_.at(id);
  log::warning(what, {{"topic", stored.record->topic()},
                      {"partition", stored.record->partition()},
                      {"offset", stored.record->offset()},
                      {"reason", stored.reason},
                      {"status", stored.last_status},
                      {"attempts", stored.attempts},
                      {"suppressed", *suppressed}});
}

// --- commits
// ----------------------------------------------------------------------------------------------------------------------

boost::asio::awaitable<void> flow::wait_for_progress(clock::time_point until) {
  if (until < give_up_at_) {
    give_up_at_ = until;
    give_up_.expires_at(until);
  }
  boost::system::error_code ended;
  co_await progress_.wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
}

boost::asio::awaitable<void> flow::commit_loop() {
  auto pause = std::chrono::milliseconds(0);
  while (!stopping_) {
    if (commits_suspended_) {
      // A new assignment ends this. Where the refusal was of an older membership, none may come: ask again now and then.
      const auto until = clock::now() + std::chrono::seconds(1);
      while (!stopping_ && commits_suspended_ && clock::now() < until) co_await wait_for_progress(until);
      commits_suspended_ = false;
      continue;
    }
    if (!engine_.commit_due(clock::now())) {
      boost::system::error_code ended;
      co_await commit_wanted_.wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
      continue;
    }
    const bool committed = co_await commit_once();
    if (committed) {
      pause = std::chrono::milliseconds(0);
      continue;
    }
    pause = std::clamp(pause * 2, std::chrono::milliseconds(100), std::chrono::milliseconds(1000));
    const auto until = clock::now() + pause;
    while (!stopping_ && clock::now() < until) co_await wait_for_progress(until);
  }
}

boost::asio::awaitable<void> flow::finish() {
  std::vector<kafka::slot_id> slots;
  for (kafka::slot_id slot = 0; slot < partitions_.entries().size(); ++slot)
    if (engine_.assigned(slot) || !engine_.quiet(slot)) slots.push_back(slot);
  if (!slots.empty()) co_await finish(std::move(slots), drain_deadline_);
}

boost::asio::awaitable<void> flow::finish(std::vector<kafka::slot_id> slots, clock::time_point deadline) {
  const auto quiet = [&] { return std::all_of(slots.begin(), slots.end(), [&](auto slot) { return engine_.quiet(slot); }); };
  pump();
  while (!quiet() && clock::now() < deadline) co_await wait_for_progress(deadline);

  // What has just settled is committed, or the next owner sends it again. A refusal that may pass is tried again for a while; and
  // whoever is asked to hand partitions over is a member, whatever an earlier commit was told.
  commits_suspended_ = false;
  const auto commit_deadline = std::max(deadline, clock::now() + std::chrono::seconds(2));
  auto next_try = clock::now();
  while (!commits_suspended_ && clock::now() < commit_deadline) {
    // Behind a JoinGroup that waits for a member that is dead, a commit gets no answer before that member's session is over.
    if (!engine_.commit_in_flight() && !engine_.anything_to_commit()) break;
    if (!engine_.commit_in_flight() && clock::now() >= next_try) {
      next_try = clock::now() + std::chrono::milliseconds(100);
      tasks_->spawn(commit_once_more());
    }
    co_await wait_for_progress(std::min(commit_deadline, clock::now() + std::chrono::milliseconds(100)));
  }
}

boost::asio::awaitable<void> flow::starts_committed(clock::time_point deadline) {
  while (!draining_ && engine_.starts_to_persist() > 0 && clock::now() < deadline) {
    commit_wanted_.notify_all();
    co_await wait_for_progress(std::min(deadline, clock::now() + std::chrono::milliseconds(250)));
  }
}

boost::asio::awaitable<void> flow::commit_once_more() { static_cast<void>(co_await commit_once()); }

boost::asio::awaitable<bool> flow::commit_once() {
  while (engine_.commit_in_flight()) co_await wait_for_progress(clock::now() + std::chrono::seconds(1));
  if (commits_suspended_) co_return false;
  auto entries = engine_.begin_commit(clock::now());
  if (entries.empty()) co_return true;

  std::vector<kafka::commit_entry> asked;
  asked.reserve(entries.size());
  for (auto& entry : entries) asked.push_back({entry.slot, entry.offset, std::move(entry.metadata)});
  const auto* const to = consumer_;
  const auto answer = co_await consumer_->commit(std::move(asked));

  const auto succeeded = std::make_unique<bool[]>(entries.size());
  bool all = true;
  for (std::size_t n = 0; n < entries.size(); ++n) {
    succeeded[n] = n < answer.entries.size() && answer.entries[n].verdict == kafka::commit_verdict::ok;
    all = all && succeeded[n];
    // An offset of a log that is gone, or of an assignment that has ended, says nothing of what the partition is now.
    const bool current = engine_.status(entries[n].slot).epoch == entries[n].epoch;
    if (succeeded[n] && current) partitions_.at(entries[n].slot).committed = entries[n].offset;
  }
  engine_.commit_finished(std::span<const bool>(succeeded.get(), entries.size()), clock::now());
  parts_.metrics.commit(all ? observe::commit_outcome::ok : observe::commit_outcome::failed);
  if (answer.verdict == kafka::commit_verdict::not_a_member && to == consumer_) commits_suspended_ = true;
  if (!all && !last_commit_failed_)
    log::warning("offsets could not be committed; they are tried again", {{"error", answer.message}});
  if (all && last_commit_failed_) log::info("offsets are committed again");
  last_commit_failed_ = !all;
  progress_.notify_all();
  kick();
  co_return all;
}

// --- the endpoint
// -----------------------------------------------------------------------------------------------------------------

void flow::note_endpoint(clock::time_point now) {
  const auto state = engine_.endpoint(now);
  if (state == told_state_) return;
  const auto before = std::exchange(told_state_, state);
  const bool was_up = before == delivery::endpoint_state::up;
  if (was_up || state == delivery::endpoint_state::up) endpoint_since_ = std::chrono::system_clock::now();
  parts_.metrics.set_endpoint_state(state);
  parts_.metrics.paused(observe::pause_cause::endpoint, state != delivery::endpoint_state::up);
  if (state == delivery::endpoint_state::up) {
    log::info("endpoint up", {{"url", parts_.settings.endpoint.url}});
  } else if (was_up) {
    log::warning("endpoint down: events wait in Kafka, one is sent now and then to see whether it is back",
                 {{"url", parts_.settings.endpoint.url}, {"error", last_error_.value_or("")}});
  }
}

} // namespace tocsin::app
