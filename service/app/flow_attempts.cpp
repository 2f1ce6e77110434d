// The pusher's side of the flow: what goes out next, and what became of it.
#include "app/flow.hpp"
#include "push/pusher.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <time.h>

namespace tocsin::app {

namespace {

// Time that goes on while the machine sleeps or the process is stopped.
std::chrono::nanoseconds since_boot() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

} // namespace

std::size_t flow::connections_wanted() { return engine_.connections_wanted(clock::now()); }

// A process that was stopped for longer than its session wakes up owning nothing, and does not know it yet: nothing is sent
// before the group has said that it still counts us in.
bool flow::stalled(clock::time_point /*now*/) {
  const auto now = since_boot();
  const auto last = std::exchange(last_alive_, now);
  const bool stood_still = last.count() != 0 && now - last > stall_limit_;
  if (stood_still && proving_) stood_still_again_ = true;
  if (!proving_ && stood_still && tasks_ != nullptr) {
    proving_ = true;
    engine_.hold(true);
    log::warning("the relay stood still; asking the group whether it still counts us in",
                 {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - last).count()}});
    tasks_->spawn(prove_membership());
  }
  return proving_;
}

boost::asio::awaitable<void> flow::prove_membership() {
  for (;;) {
    stood_still_again_ = false;
    const auto* const asked = consumer_;
    const auto answer = co_await consumer_->prove_membership();
    (void)stalled(clock::now());
    if (asked != consumer_ && !stopping_) continue;                           // one that was replaced meanwhile
    if (answer == kafka::membership::confirmed && !stood_still_again_) break; // else it is an answer from before a second stall
    if (answer == kafka::membership::lost) {
      for (kafka::slot_id slot = 0; slot < partitions_.entries().size(); ++slot) engine_.release(slot, clock::now());
      break;
    }
    if (stopping_) co_return;
    co_await wait_for_progress(clock::now() + std::chrono::milliseconds(200));
  }
  proving_ = false;
  engine_.hold(false);
  pump();
}

std::optional<push::outgoing> flow::next() {
  const auto now = clock::now();
  if (stalled(now)) return std::nullopt;
  const auto attempt = engine_.next_attempt(now);
  if (!attempt) return std::nullopt;
  auto& stored = store_.at(attempt->id);
  stored.attempts = attempt->number;
  if (stored.headers.empty()) append_event_headers(stored.headers, *stored.record);
  if (attempt->number > 1) parts_.metrics.retry(stored.last_reason);
  return push::outgoing{attempt->id, stored.body(), stored.headers};
}

bool flow::may_send(std::uint64_t id) {
  const auto now = clock::now();
  return !stalled(now) && engine_.may_send(id, now);
}

void flow::withdraw(std::uint64_t id) {
  engine_.withdraw(id, clock::now());
  kick();
}

void flow::finished(std::uint64_t id, const delivery::attempt_result& result, std::chrono::nanoseconds took) {
  const auto now = clock::now();
  parts_.metrics.attempt(result.outcome, result.status, took);
  auto& stored = store_.at(id);
  stored.last_status = result.status;
  stored.last_reason = result.reason;
  const bool faulty = result.outcome == delivery::outcome::try_again || result.outcome == delivery::outcome::endpoint_fault;
  if (faulty) {
    last_error_ = result.detail;
  } else {
    last_success_ = std::chrono::system_clock::now();
  }
  if (result.outcome == delivery::outcome::skipped) parts_.metrics.skipped(stored.topic, parts_.metrics.rule_index(result.rule));
  if (result.outcome == delivery::outcome::delivered)
    if (const auto timestamp = stored.record->timestamp_ms()) {
      const auto age = std::chrono::system_clock::now().time_since_epoch() - std::chrono::milliseconds(*timestamp);
      parts_.metrics.event_age(stored.topic, std::max<std::chrono::nanoseconds>(age, std::chrono::nanoseconds(0)));
    }

  const auto verdict = engine_.finished(id, result.outcome, result.retry_after, now);
  using step = delivery::engine::verdict::next_step;
  if (verdict.next == step::dead_letter) {
    stored.reason = delivery::to_string(*verdict.cause);
    stored.detail = result.detail;
    log_outcome(id, stored.reason);
  }
  if (verdict.next == step::settled || verdict.next == step::returned) {
    tell_settled(now);
    if (engine_.commit_due(now)) commit_wanted_.notify_one();
    consumer_->resume_intake();
  } else {
    kick();
  }
  if (faulty) note_endpoint(now);
}

void flow::connect_failed(delivery::retry_reason /*reason*/, std::string_view detail) {
  const auto now = clock::now();
  last_error_ = std::string(detail);
  parts_.metrics.attempt(delivery::outcome::endpoint_fault, 0, std::chrono::nanoseconds(0));
  engine_.connect_failed(now);
  note_endpoint(now);
  kick();
}

} // namespace tocsin::app
