#include "runtime/task_group.hpp"

#include "runtime/assertion.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace tocsin::runtime {

task_group::~task_group() { TOCSIN_ASSERT(members_.empty() && "no coroutine outlives its group"); }

void task_group::cancel() {
  for (auto it = members_.begin(); it != members_.end();) {
    const auto current = it++;
    current->cancelled = true;
    current->signal.emit(boost::asio::cancellation_type::terminal);
  }
}

boost::asio::awaitable<void> task_group::join() {
  while (!members_.empty()) co_await ended_.wait(boost::asio::use_awaitable);
}

void task_group::end(position member, std::exception_ptr error) {
  const bool cancelled = member->cancelled;
  members_.erase(member);
  if (members_.empty()) ended_.notify_all();
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (cancelled && e.code() == boost::asio::error::operation_aborted) return;
    throw;
  }
}

} // namespace tocsin::runtime
