#include "api/router.hpp"
#include "observe/exposition.hpp"

namespace tocsin::api {

boost::asio::awaitable<response> get_metrics(handler_context& context, const request& asked) {
  const std::string* accept = asked.header("accept");
  const observe::exposition format = observe::exposition_for(accept ? *accept : std::string{});
  response result;
  result.content_type = observe::content_type(format);
  result.body = observe::render(context.metrics, format);
  result.headers.emplace_back("Vary", "Accept");
  co_return result;
}

boost::asio::awaitable<response> get_version(handler_context& context, const request&) {
  co_return json_response(context.instance, {{"name", "tocsin"},
                                             {"version", context.build.version},
                                             {"revision", context.build.revision},
                                             {"librdkafka", context.build.librdkafka}});
}

boost::asio::awaitable<response> get_openapi(handler_context& context, const request&) {
  response result;
  result.content_type = "application/json";
  result.body = context.openapi;
  co_return result;
}

} // namespace tocsin::api
