#include "api/dispatcher.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <exception>

namespace tocsin::api {

dispatcher::dispatcher(handler_context& context, admin_metrics& metrics, token_file tokens,
                       std::vector<std::string> allowed_hosts)
    : context_(context), metrics_(metrics), tokens_(std::move(tokens)), allowed_hosts_(std::move(allowed_hosts)) {}

std::optional<response> dispatcher::check_token(const request& asked) {
  const token_file::verdict verdict = tokens_.check(asked.header("authorization"));
  if (verdict == token_file::verdict::passed) return std::nullopt;
  const bool is_wrong = verdict == token_file::verdict::wrong;
  if (const auto suppressed = token_warnings_.due(log::occasionally::clock::now()))
    log::warning("admin request without a valid token", {{"path", asked.path},
                                                         {"token", is_wrong ? "wrong" : "missing"},
                                                         {"suppressed", *suppressed},
                                                         {"fault", tokens_.fault()}});
  response refused = problem(context_.instance, 401,
                             is_wrong ? "the token is not one of those in admin.token.file"
                                      : "a token is asked for here; send `Authorization: Bearer <token>`");
  refused.headers.emplace_back("WWW-Authenticate",
                               is_wrong ? "Bearer realm=\"tocsin\", error=\"invalid_token\"" : "Bearer realm=\"tocsin\"");
  return refused;
}

// What may be known of a route comes after who asks: without a token, an unknown path is no different from a known one.
std::optional<response> dispatcher::guard(listener_kind listener, const request& asked, const match& at) {
  if (listener == listener_kind::admin) {
    const std::string* host = asked.header("host"); // none: HTTP/1.0, which no browser speaks
    if (host && !is_allowed_host(*host, allowed_hosts_))
      return problem(context_.instance, 403,
                     "the Host is neither an address nor localhost; allow the name with admin.allowed_hosts, or ask by address");
    if (!is_same_origin(asked))
      return problem(context_.instance, 403, "the request comes from a page of another origin, which may not use this API");
    if (!at.found || at.found->needs == access::token)
      if (auto refused = check_token(asked)) return refused;
  }
  if (!at.found && at.allow.empty())
    return problem(context_.instance, 404, "there is no such path here; GET /openapi.json on the admin listener lists them");
  if (!at.found) {
    response refused = problem(context_.instance, 405, fmt::format("{} takes {}", asked.path, at.allow));
    refused.headers.emplace_back("Allow", at.allow);
    return refused;
  }
  if (is_mutation(asked.method) && !is_json(asked))
    return problem(context_.instance, 415, "send the body as `Content-Type: application/json`");
  return std::nullopt;
}

boost::asio::awaitable<response> dispatcher::answer(listener_kind listener, const request& asked) {
  const match at = find_route(listener, asked.method, asked.path);
  std::optional<response> result = guard(listener, asked, at);
  if (!result) {
    try {
      result = co_await at.found->run(context_, asked);
    } catch (const boost::system::system_error& error) {
      if (error.code() == boost::asio::error::operation_aborted) throw; // the server stops
      log::error("admin request failed", {{"path", at.found->path}, {"error", error.what()}});
    } catch (const std::exception& error) {
      log::error("admin request failed", {{"path", at.found->path}, {"error", error.what()}});
    }
    if (!result) result = problem(context_.instance, 500, "this is a fault of the relay's own; its log says more");
  }
  metrics_.answered(at.found ? at.found->path : "other", result->status);
  co_return std::move(*result);
}

response dispatcher::refuse(const bad_request& why) {
  metrics_.answered("other", why.status);
  return problem(context_.instance, why.status, why.detail);
}

} // namespace tocsin::api
