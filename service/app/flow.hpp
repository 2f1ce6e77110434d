// The way of an event through the relay: takes records from the consumer, has them transformed, asks the engine what to do, feeds
// the pusher and the dead-letter producer, and commits. What is decided is decided in delivery/ and transform/; here the answers
// are carried around. Relay thread only.
#pragma once

#include "app/event_store.hpp"
#include "app/partition_table.hpp"
#include "config/settings.hpp"
#include "delivery/engine.hpp"
#include "kafka/consumer.hpp"
#include "kafka/dead_letters.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "push/work_source.hpp"
#include "runtime/deadline_timer.hpp"
#include "runtime/notifier.hpp"
#include "runtime/task_group.hpp"
#include "transform/transformer.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::push {
class pusher;
}

namespace tocsin::app {

// The engine's settings, from the configuration.
[[nodiscard]] delivery::engine_settings engine_settings_of(const config::settings&);

class flow final : public kafka::consumer_handler, public kafka::dead_letter_handler, public push::work_source {
public:
  using clock = std::chrono::steady_clock;

  struct parts {
    runtime::executor executor;
    const config::settings& settings;
    transform::transformer& transformer;
    observe::metrics& metrics;
    std::function<void(const std::string& why)> on_fatal; // the process is to end
    std::function<void()> on_outdated;                    // the consumer is to be closed, and another one to be connected
  };

  explicit flow(parts);
  ~flow() override;

  // What the flow needs and what needs the flow; all before start(), and again when there is another consumer, whose slots have
  // the names of those of the one before. `letters` is null where dead letters are off.
  void connect(kafka::consumer& consumer, push::pusher& pusher, kafka::dead_letters* letters);
  void start(runtime::task_group& tasks);

  // Intake ends; what has not been started is left for the next reader. Attempts in flight have until `deadline`.
  void drain(clock::time_point deadline);
  // After drain(), before the consumer is closed: until nothing is in flight and what has settled is committed, or the deadline.
  // As long as the relay is a member, a commit that a rebalance has outrun succeeds under the next generation; once it is
  // leaving, it never does, and the next owner sends everything since the last one again.
  [[nodiscard]] boost::asio::awaitable<void> finish();
  // Until every partition's start is committed that has to be before anything is taken in (a topic that was made anew begins at
  // 0), or the deadline (a topic that has fewer partitions now takes no commit of the others), or drain() is called. To be
  // awaited before the consumer is replaced: only its successor would begin there without, no other member.
  [[nodiscard]] boost::asio::awaitable<void> starts_committed(clock::time_point deadline);
  // After the consumer is closed: the coroutines of start() end.
  void stop();

  // Called a few times a second: time-outs, gauges, the endpoint's state; and the fence after a stall.
  void heartbeat(clock::time_point now);

  [[nodiscard]] delivery::engine& engine() noexcept { return engine_; }
  [[nodiscard]] const partition_table& partitions() const noexcept { return partitions_; }
  [[nodiscard]] bool joined() const noexcept { return joined_; }
  [[nodiscard]] const std::optional<std::string>& last_error() const noexcept { return last_error_; }
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> last_success() const noexcept { return last_success_; }
  [[nodiscard]] std::chrono::system_clock::time_point endpoint_since() const noexcept { return endpoint_since_; }
  [[nodiscard]] std::optional<std::int64_t> timestamp_of(delivery::event_id id) { return store_.at(id).record->timestamp_ms(); }

  // consumer_handler (flow_intake.cpp)
  [[nodiscard]] bool wants_records(kafka::slot_id slot) override;
  void on_record(kafka::record&& received) override;
  boost::asio::awaitable<void> on_assign(std::vector<kafka::assigned_partition>& partitions) override;
  void on_start(const kafka::assigned_partition& partition) override;
  boost::asio::awaitable<void> on_revoke(std::vector<kafka::slot_id> slots) override;
  void on_lost(std::span<const kafka::slot_id> slots) override;
  void on_gap(kafka::slot_id slot, std::int64_t from, std::int64_t to) override;
  void on_outdated() override;
  void on_error(const kafka::failure& error) override;
  void on_fatal(const kafka::failure& error) override;

  // work_source (flow_attempts.cpp)
  std::size_t connections_wanted() override;
  std::optional<push::outgoing> next() override;
  bool may_send(std::uint64_t id) override;
  void withdraw(std::uint64_t id) override;
  void finished(std::uint64_t id, const delivery::attempt_result& result, std::chrono::nanoseconds took) override;
  void connect_failed(delivery::retry_reason reason, std::string_view detail) override;

  // dead_letter_handler (flow_settlement.cpp)
  void on_dead_letter(std::uint64_t id, const std::optional<kafka::failure>& error) override;

private:
  // flow_settlement.cpp
  void pump(); // after anything that may let something go on
  void kick(); // pump() from the event loop, soon, once
  static constexpr std::string_view log_is_gone = "its log is gone";
  // `why`: of those that were dropped.
  void tell_settled(clock::time_point now, std::string_view why = "dead letters are off");
  void send_dead_letters(clock::time_point now);
  boost::asio::awaitable<void> commit_loop();
  boost::asio::awaitable<void> finish(std::vector<kafka::slot_id> slots, clock::time_point deadline);
  boost::asio::awaitable<void> commit_once_more();
  boost::asio::awaitable<bool> commit_once(); // false: what was to be committed is not
  boost::asio::awaitable<void> wait_for_progress(clock::time_point until);
  void log_outcome(delivery::event_id id, std::string_view what);
  void note_endpoint(clock::time_point now);

  // flow_attempts.cpp
  bool stalled(clock::time_point now);
  boost::asio::awaitable<void> prove_membership();

  parts parts_;
  delivery::engine engine_;
  event_store store_;
  partition_table partitions_;
  kafka::consumer* consumer_ = nullptr;
  push::pusher* pusher_ = nullptr;
  kafka::dead_letters* letters_ = nullptr;
  runtime::task_group* tasks_ = nullptr;

  transform::verdict verdict_; // used again for every record
  std::vector<transform::header> record_headers_;
  std::vector<delivery::settled_event> settled_;

  runtime::notifier progress_; // something was settled, or a commit ended
  runtime::notifier commit_wanted_;
  runtime::deadline_timer due_;     // engine_.next_due()
  runtime::deadline_timer give_up_; // wakes progress_ at the earliest bound of those who wait
  clock::time_point give_up_at_ = clock::time_point::max();
  bool kicked_ = false;
  bool draining_ = false;
  bool stopping_ = false;
  bool joined_ = false;
  bool commits_suspended_ = false; // the group does not count us in
  bool last_commit_failed_ = false;
  bool letters_failing_ = false;
  clock::time_point drain_deadline_ = clock::time_point::max();

  std::chrono::nanoseconds last_alive_{0}; // CLOCK_BOOTTIME
  std::chrono::nanoseconds stall_limit_;
  bool proving_ = false;
  bool stood_still_again_ = false; // while proving

  delivery::endpoint_state told_state_ = delivery::endpoint_state::up;
  std::chrono::system_clock::time_point endpoint_since_;
  std::optional<std::chrono::system_clock::time_point> last_success_;
  std::optional<std::string> last_error_;
  observe::log::occasionally refusals_, rejections_;
};

} // namespace tocsin::app
