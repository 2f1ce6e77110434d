// Where coroutines park until somebody on the same thread has something for them. A notification finds only those that are
// parked at that moment and is remembered by nobody: wait in a loop around the condition.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tocsin::runtime {

class notifier {
public:
  explicit notifier(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~notifier(); // nobody may be parked any more
  notifier(const notifier&) = delete;
  notifier& operator=(const notifier&) = delete;

  // Parks the caller: `co_await place.wait(use_awaitable)`. Ends by a notification, or with operation_aborted when the caller is
  // cancelled.
  template <class CompletionToken>
  auto wait(CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code)>(
        [this](auto handler) { this->park(handler_type(std::move(handler))); }, token);
  }

  void notify_one(); // wakes the one that parked last, from the event loop, never from inside this call
  void notify_all();
  [[nodiscard]] std::size_t waiting() const noexcept { return parked_.size(); }

private:
  using handler_type = boost::asio::any_completion_handler<void(boost::system::error_code)>;
  struct entry {
    std::uint64_t id;
    handler_type handler;
  };

  void park(handler_type);
  void release(std::uint64_t id);
  void resume(handler_type handler, boost::system::error_code result);

  boost::asio::any_io_executor executor_;
  std::vector<entry> parked_;
  std::uint64_t last_id_ = 0;
};

} // namespace tocsin::runtime
