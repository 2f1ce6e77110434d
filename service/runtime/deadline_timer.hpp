// One timer for a deadline that moves all the time. Moving it later, or to where it is, costs nothing: the timer underneath fires
// at the old time, finds the new one, and sleeps on. One thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace tocsin::runtime {

class deadline_timer {
public:
  using clock = std::chrono::steady_clock;

  // `expired` is called from the event loop, once for each deadline that has passed and was neither moved nor cancelled before.
  deadline_timer(const boost::asio::any_io_executor&, std::function<void()> expired);
  ~deadline_timer(); // `expired` is not called any more
  deadline_timer(const deadline_timer&) = delete;
  deadline_timer& operator=(const deadline_timer&) = delete;

  void expires_at(clock::time_point); // replaces the deadline
  void cancel();                       // no deadline; nothing keeps the event loop running any more
  [[nodiscard]] bool armed() const noexcept;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace tocsin::runtime
