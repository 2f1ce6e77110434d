#include "kafka/blocking_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

// The handler's executor counts the call as outstanding work: an io_context does not run out while the pool works for it.
template <class Handler>
void start(asio::thread_pool& pool, std::function<void()> call, Handler handler) {
  auto home = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
  asio::post(pool, [call = std::move(call), handler = std::move(handler), home = std::move(home)]() mutable noexcept {
    call();
    call = nullptr;
    asio::post(home, std::move(handler));
  });
}

} // namespace

asio::awaitable<void> blocking_pool::run(std::function<void()> call) {
  auto initiation = [](auto handler, asio::thread_pool* pool, std::function<void()> job) {
    start(*pool, std::move(job), std::move(handler));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiation, asio::use_awaitable, &pool_, std::move(call));
}

} // namespace tocsin::kafka
