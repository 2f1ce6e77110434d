#include "runtime/deadline_timer.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tocsin::runtime {

struct deadline_timer::state : std::enable_shared_from_this<state> {
  state(const boost::asio::any_io_executor& executor, std::function<void()> on_expiry)
      : timer(executor), expired(std::move(on_expiry)) {}

  void sleep(clock::time_point until) {
    sleeping_until = until;
    timer.expires_at(until);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->wake();
    });
  }

  void wake() {
    sleeping_until = clock::time_point::max();
    if (deadline == clock::time_point::max()) return;
    if (deadline > clock::now()) return sleep(deadline);
    deadline = clock::time_point::max();
    expired();
  }

  boost::asio::steady_timer timer;
  std::function<void()> expired;
  clock::time_point deadline = clock::time_point::max();       // max: none
  clock::time_point sleeping_until = clock::time_point::max(); // max: the timer below does not run
};

deadline_timer::deadline_timer(const boost::asio::any_io_executor& executor, std::function<void()> expired)
    : state_(std::make_shared<state>(executor, std::move(expired))) {}

deadline_timer::~deadline_timer() { cancel(); }

void deadline_timer::expires_at(clock::time_point deadline) {
  state_->deadline = deadline;
  if (deadline < state_->sleeping_until) state_->sleep(deadline);
}

void deadline_timer::cancel() {
  state_->deadline = clock::time_point::max();
  if (state_->sleeping_until == clock::time_point::max()) return;
  state_->sleeping_until = clock::time_point::max();
  state_->timer.cancel();
}

bool deadline_timer::armed() const noexcept { return state_->deadline != clock::time_point::max(); }

} // namespace tocsin::runtime
