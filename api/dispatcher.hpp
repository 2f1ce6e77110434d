// From a request to its answer: the guards, the route, the handler, and what is counted of it. The admin thread.
#pragma once

#include "api/admin_metrics.hpp"
#include "api/guard.hpp"
#include "api/router.hpp"
#include "observe/log.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tocsin::api {

class dispatcher {
public:
  // The references outlive this.
  dispatcher(handler_context&, admin_metrics&, token_file, std::vector<std::string> allowed_hosts);

  // `asked` lives until the answer is there. Whatever goes wrong in a handler is a 500 and a line in the log.
  [[nodiscard]] boost::asio::awaitable<response> answer(listener_kind, const request& asked);

  // To what is no request.
  [[nodiscard]] response refuse(const bad_request&);

private:
  [[nodiscard]] std::optional<response> guard(listener_kind, const request&, const match&);
  [[nodiscard]] std::optional<response> check_token(const request&);

  handler_context& context_;
  admin_metrics& metrics_;
  token_file tokens_;
  std::vector<std::string> allowed_hosts_;
  log::occasionally token_warnings_;
};

} // namespace tocsin::api
