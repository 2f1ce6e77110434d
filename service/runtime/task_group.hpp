// Owns coroutines: what is spawned here ends here. One thread. No coroutine of the relay is detached.
#pragma once

#include "runtime/notifier.hpp"
#include "runtime/task.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <cstddef>
#include <exception>
#include <list>
#include <utility>

namespace tocsin::runtime {

class task_group {
public:
  explicit task_group(executor ex) : executor_(ex), ended_(ex) {}
  ~task_group(); // must be empty: cancel() and join() first
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  // Starts the coroutine from the event loop. An exception that leaves it is a bug and leaves io_context::run() too, except the
  // operation_aborted of a coroutine that cancel() has reached.
  template <class Executor>
  void spawn(boost::asio::awaitable<void, Executor> coroutine) {
    const auto member = members_.emplace(members_.end());
    boost::asio::co_spawn(executor_, std::move(coroutine),
                          boost::asio::bind_cancellation_slot(member->signal.slot(), [this, member](std::exception_ptr error) {
                            end(member, std::move(error));
                          }));
  }

  // Cancels what runs at this moment (terminal cancellation). Later spawns are not affected.
  void cancel();

  // Waits until the group is empty.
  [[nodiscard]] boost::asio::awaitable<void> join();

  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }
  [[nodiscard]] executor get_executor() const noexcept { return executor_; }

private:
  struct member {
    boost::asio::cancellation_signal signal;
    bool cancelled = false;
  };
  using position = std::list<member>::iterator;

  void end(position, std::exception_ptr);

  executor executor_;
  std::list<member> members_;
  notifier ended_;
};

} // namespace tocsin::runtime
