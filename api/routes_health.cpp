#include "api/router.hpp"
#include "observe/health.hpp"

namespace tocsin::api {
namespace {

response answer(const observe::verdict& verdict, const request& asked) {
  response result;
  result.status = verdict.ok() ? 200 : 503;
  result.body = asked.flag("verbose") ? verdict.verbose() : verdict.text();
  return result;
}

} // namespace

boost::asio::awaitable<response> get_livez(handler_context& context, const request& asked) {
  co_return answer(observe::livez(context.relay.health()), asked);
}

boost::asio::awaitable<response> get_readyz(handler_context& context, const request& asked) {
  co_return answer(observe::readyz(context.relay.health()), asked);
}

boost::asio::awaitable<response> get_startupz(handler_context& context, const request& asked) {
  co_return answer(observe::startupz(context.relay.health()), asked);
}

} // namespace tocsin::api
