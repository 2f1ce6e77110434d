// What the connections of one pusher share. Internal to push.
#pragma once

#include "config/settings.hpp"
#include "push/answer_parser.hpp"
#include "push/credentials.hpp"
#include "push/name_lookup.hpp"
#include "push/response_policy.hpp"
#include "push/signature.hpp"
#include "push/tls.hpp"
#include "push/url.hpp"
#include "push/work_source.hpp"
#include "runtime/deadline_timer.hpp"
#include "runtime/notifier.hpp"
#include "runtime/task_group.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tocsin::push {

class connection;

// What is made of the settings once, at start.
struct plan {
  push::url url;
  std::string head; // of every request, without Authorization
  push::credentials credentials;
  push::signature signature;
  std::unique_ptr<tls_context> tls; // none for http
  response_policy policy;

  [[nodiscard]] static checked<plan> make(const config::endpoint_settings&);
};

class core {
public:
  using clock = std::chrono::steady_clock;

  core(runtime::executor, const config::endpoint_settings&, plan, work_source&, probe&, std::unique_ptr<name_lookup>);
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  // Wakes as many idle connections as are wanted, all at once: what they send goes out before the event loop looks for answers.
  // Where more are wanted than are at work or opening, one is opened; it wakes the next when it runs.
  void wake();
  void stop_taking() noexcept { state_ = state_ == life::running ? life::stopping : state_; }
  void close();
  void start() noexcept { state_ = state_ == life::created ? life::running : state_; }
  [[nodiscard]] bool taking() const noexcept { return state_ == life::running; }
  [[nodiscard]] bool closed() const noexcept { return state_ == life::closed; }

  // For connections.
  void opening() noexcept { opening_ = false; } // the new one runs
  class dialling { // a connection that is no use yet: while it lasts, idle ones are woken in its place
  public:
    explicit dialling(core& in) noexcept : in_(in) { ++in_.dialling_; }
    ~dialling() { --in_.dialling_; }
    dialling(const dialling&) = delete;
    dialling& operator=(const dialling&) = delete;

  private:
    core& in_;
  };
  [[nodiscard]] bool surplus(); // more connections are at work or opening than are wanted
  void park(connection&);
  void leave(connection&);
  void attempt_begins() noexcept { ++attempts_; }
  void attempt_ends();
  void hold_back(); // no new connection before the next sweep
  void refresh_secrets(clock::time_point now);
  [[nodiscard]] clock::time_point retirement(clock::time_point opened);

  [[nodiscard]] keep wanted_of_answers() const noexcept { return {plan.policy.uses_headers(), plan.policy.uses_body()}; }

  // The head of a request for this event, in memory that the next call reuses.
  [[nodiscard]] std::string_view compose(const outgoing&);

  [[nodiscard]] std::size_t open_connections() const noexcept { return connections_.size(); }
  [[nodiscard]] std::size_t idle_connections() const noexcept { return idle_.size(); }
  [[nodiscard]] std::size_t attempts() const noexcept { return attempts_; }

  runtime::executor executor;
  const config::endpoint_settings& settings;
  push::plan plan;
  work_source& source;
  push::probe& probe;
  std::unique_ptr<name_lookup> names;
  runtime::task_group tasks;
  runtime::notifier drained; // notified when the last attempt has ended

private:
  enum class life { created, running, stopping, closed };

  [[nodiscard]] std::size_t at_work() const noexcept { return connections_.size() - idle_.size(); } // or on the way to it
  void sweep();
  void rebuild_head();
  void report(const std::string& problem);

  life state_ = life::created;
  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<connection*> idle_; // the last one parked is the first one woken: few connections stay warm
  std::size_t attempts_ = 0;
  bool opening_ = false; // a new connection has not run yet
  std::size_t dialling_ = 0;
  bool held_back_ = false;
  runtime::deadline_timer sweeper_;
  clock::time_point look_at_idle_ = clock::time_point::min();
  std::string head_; // fixed part, then what compose() appended
  std::size_t fixed_ = 0;
  std::string last_problem_;
  std::minstd_rand random_;
};

} // namespace tocsin::push
