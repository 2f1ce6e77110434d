#include "api/router.hpp"

#include <boost/beast/http/verb.hpp>

#include <array>

namespace tocsin::api {
namespace {

constexpr std::array table{
    route{verb::get, "/livez", served_on::both, access::open, &get_livez},
    route{verb::get, "/readyz", served_on::both, access::open, &get_readyz},
    route{verb::get, "/startupz", served_on::both, access::open, &get_startupz},
    route{verb::get, "/metrics", served_on::both, access::token, &get_metrics},
    route{verb::get, "/version", served_on::both, access::token, &get_version},
    route{verb::get, "/v1/status", served_on::admin, access::token, &get_status},
    route{verb::get, "/openapi.json", served_on::admin, access::token, &get_openapi},
};

bool is_served(const route& each, listener_kind listener) noexcept {
  return (static_cast<unsigned>(each.where) & static_cast<unsigned>(listener)) != 0;
}

void append_method(std::string& allow, verb method) {
  if (!allow.empty()) allow += ", ";
  allow += boost::beast::http::to_string(method);
  if (method == verb::get) allow += ", HEAD";
}

} // namespace

std::span<const route> routes() noexcept { return table; }

match find_route(listener_kind listener, verb method, std::string_view path) {
  match result;
  const verb wanted = method == verb::head ? verb::get : method;
  for (const route& each : table) {
    if (each.path != path || !is_served(each, listener)) continue;
    if (each.method == wanted) return {&each, {}};
    append_method(result.allow, each.method);
  }
  return result;
}

std::string_view action_of(const route& of) noexcept { return of.path.substr(of.path.rfind('/') + 1); }

} // namespace tocsin::api
