#include "api/router.hpp"
#include "api/status_json.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>

namespace tocsin::api {
namespace {

namespace asio = boost::asio;

// A question to the relay thread, which may be stuck: the request waits for `answered` or the time that it has, whichever comes
// first; an answer that comes later still finds this.
struct question {
  question(const asio::any_io_executor& executor, std::chrono::milliseconds timeout) : answered(executor, timeout) {}
  asio::steady_timer answered;
  std::optional<app::relay_status> status;
  std::exception_ptr failure;
};

response unavailable(const handler_context& context, std::string detail) {
  response result = problem(context.instance, 503, std::move(detail));
  result.headers.emplace_back("Retry-After", "1");
  return result;
}

} // namespace

asio::awaitable<response> get_status(handler_context& context, const request&) {
  if (context.status_asked >= context.status_limit)
    co_return unavailable(context, "the relay thread has not answered those who asked before");
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto asked = std::make_shared<question>(executor, context.status_timeout);
  ++context.status_asked;
  asio::co_spawn(executor, context.relay.status(), [&context, asked](std::exception_ptr failure, app::relay_status status) {
    --context.status_asked;
    asked->failure = std::move(failure);
    if (!asked->failure) asked->status = std::move(status);
    asked->answered.cancel();
  });
  boost::system::error_code ended_by_cancel;
  if (!asked->status && !asked->failure)
    co_await asked->answered.async_wait(asio::redirect_error(asio::use_awaitable, ended_by_cancel));
  if (asked->failure) std::rethrow_exception(asked->failure);
  if (!asked->status) co_return unavailable(context, "the relay thread has not answered in time");
  co_return json_response(context.instance, to_json(*asked->status, context.build.version));
}

} // namespace tocsin::api
