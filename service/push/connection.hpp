// One connection's life: open, attempt after attempt, parked in between, until it is idle for long, broken or old. Internal to
// push.
#pragma once

#include "push/channel.hpp"
#include "push/core.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace tocsin::push {

class connection {
public:
  using clock = core::clock;
  enum class reason { work, retire };

  explicit connection(core&);
  ~connection();

  [[nodiscard]] runtime::task<> run(); // takes itself out of the core at its end

  void wake(reason);     // only while parked, and out of the core's idle list
  void abort() noexcept; // ends whatever waits, but for the parking
  void enforce_deadline(clock::time_point now) noexcept;
  [[nodiscard]] bool usable(clock::time_point now); // open, not too old, nothing to read
  [[nodiscard]] clock::time_point idle_since() const noexcept { return idle_since_; }

private:
  struct opened {
    delivery::retry_reason reason = delivery::retry_reason::none; // none: it is open
    std::string detail;
  };

  [[nodiscard]] runtime::task<opened> open();
  // The same attempt once more on a fresh connection, after a stale one. None: it has been settled or given back.
  [[nodiscard]] runtime::task<std::optional<exchange_end>> send_again(outgoing);
  [[nodiscard]] runtime::task<> park();
  [[nodiscard]] message begin(const outgoing&);
  [[nodiscard]] bool is_stale(const exchange_end&) const noexcept;
  [[nodiscard]] delivery::attempt_result judge(const exchange_end&);
  void conclude(const outgoing&, const exchange_end&);

  core& core_;
  std::unique_ptr<channel> channel_; // none: not open
  dial* dialling_ = nullptr;
  clock::time_point deadline_ = clock::time_point::max();
  clock::time_point retire_at_;
  clock::time_point idle_since_;
  clock::time_point began_; // the attempt
  std::size_t answers_ = 0; // on this channel
  reason woken_for_ = reason::work;
  runtime::notifier parked_;
  answer answer_;
};

} // namespace tocsin::push
