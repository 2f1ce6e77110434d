// The one table of what is served where. openapi.yaml describes the same routes; a test holds them together.
#pragma once

#include "api/request.hpp"
#include "api/response.hpp"
#include "app/control.hpp"
#include "observe/metrics.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::api {

enum class listener_kind : std::uint8_t { ops = 1, admin = 2 };
enum class served_on : std::uint8_t { admin = 2, both = 3 };
enum class access : std::uint8_t {
  open,  // a probe: asked by what has no token
  token, // on the admin listener, with the token where one is configured
};

// What handlers work with. Lives as long as the server; the admin thread's.
struct handler_context {
  app::control& relay;
  std::string instance;
  observe::build_info build;
  std::vector<const prometheus::Collectable*> metrics;
  std::string openapi;                            // the contract, as JSON
  std::chrono::milliseconds status_timeout{5000}; // for the relay thread's answer
  std::size_t status_limit = 64;                  // questions to the relay thread at once
  std::size_t status_asked = 0;                   // of them, those without an answer yet
};

using handler = boost::asio::awaitable<response> (*)(handler_context&, const request&);

struct route {
  verb method;           // get answers HEAD too
  std::string_view path; // exact: nothing is decoded or normalised
  served_on where;
  access needs;
  handler run;
};

[[nodiscard]] std::span<const route> routes() noexcept;

struct match {
  const route* found = nullptr;
  std::string allow; // where the path is known and the method is not: the value of Allow
};

[[nodiscard]] match find_route(listener_kind, verb method, std::string_view path);

// The last word of a mutation's path, for metrics and the audit log: `pause` of /v1/pause.
[[nodiscard]] std::string_view action_of(const route&) noexcept;

// The handlers, by subject.
boost::asio::awaitable<response> get_livez(handler_context&, const request&); // routes_health.cpp
boost::asio::awaitable<response> get_readyz(handler_context&, const request&);
boost::asio::awaitable<response> get_startupz(handler_context&, const request&);
boost::asio::awaitable<response> get_metrics(handler_context&, const request&); // routes_about.cpp
boost::asio::awaitable<response> get_version(handler_context&, const request&);
boost::asio::awaitable<response> get_openapi(handler_context&, const request&);
boost::asio::awaitable<response> get_status(handler_context&, const request&); // routes_status.cpp

} // namespace tocsin::api
