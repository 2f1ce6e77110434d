#include "runtime/notifier.hpp"

#include "runtime/assertion.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace tocsin::runtime {

notifier::~notifier() { TOCSIN_ASSERT(parked_.empty() && "nobody waits for a notifier that goes"); }

void notifier::park(handler_type handler) {
  const auto id = ++last_id_;
  // The slot is the wrapped handler's: any_completion_handler puts its own state in front of the coroutine's.
  if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
    slot.assign([this, id](boost::asio::cancellation_type) { release(id); });
  }
  parked_.push_back({id, std::move(handler)});
}

void notifier::notify_one() {
  if (parked_.empty()) return;
  auto handler = std::move(parked_.back().handler);
  parked_.pop_back();
  resume(std::move(handler), {});
}

void notifier::notify_all() {
  auto parked = std::exchange(parked_, {});
  for (auto& entry : parked) resume(std::move(entry.handler), {});
}

void notifier::release(std::uint64_t id) {
  const auto found = std::find_if(parked_.begin(), parked_.end(), [id](const entry& e) { return e.id == id; });
  if (found == parked_.end()) return; // already on its way
  auto handler = std::move(found->handler);
  parked_.erase(found);
  resume(std::move(handler), boost::asio::error::operation_aborted);
}

void notifier::resume(handler_type handler, boost::system::error_code result) {
  // From here on there is nothing to cancel, and the slot must not outlive the notifier.
  if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
  boost::asio::post(executor_, boost::asio::append(std::move(handler), result));
}

} // namespace tocsin::runtime
