#include "cli/healthcheck.hpp"

#include "config/load.hpp"
#include "config/quantities.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <cstdio>

namespace tocsin::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

// Listens on this machine, so that no name has to be resolved but one.
asio::ip::address address_of(const std::string& host) {
  return host == "localhost" ? asio::ip::address(asio::ip::address_v4::loopback()) : asio::ip::make_address(host);
}

asio::awaitable<http::response<http::string_body>> get(config::listen_address from, std::string_view target,
                                                       std::chrono::milliseconds timeout) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(timeout);
  const asio::ip::tcp::endpoint endpoint(address_of(from.host), from.port);
  co_await stream.async_connect(endpoint, asio::use_awaitable);
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, config::print_listen_address(from));
  request.set(http::field::connection, "close");
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer(64 * 1024);
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  co_return response;
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find_first_of("\r\n"))); }

} // namespace

config::listen_address reachable(config::listen_address address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

health_answer ask_health(const config::listen_address& address, health_question question, std::chrono::milliseconds timeout) {
  const std::string_view target = question == health_question::ready ? "/readyz" : "/livez";
  const auto where = fmt::format("http://{}{}", config::print_listen_address(address), target);
  health_answer answer;
  asio::io_context context{1};
  asio::co_spawn(context, get(address, target, timeout),
                 [&](const std::exception_ptr& fault, const http::response<http::string_body>& response) {
                   if (!fault) {
                     answer.healthy = response.result_int() == 200;
                     answer.text = fmt::format("{}: {} {}", where, response.result_int(), first_line(response.body()));
                     return;
                   }
                   try {
                     std::rethrow_exception(fault);
                   } catch (const boost::system::system_error& error) {
                     const bool late = error.code() == beast::error::timeout;
                     answer.text = fmt::format("{}: {}; is tocsin running, with admin.ops on this address?", where,
                                               late ? "no answer in time" : error.code().message());
                   }
                 });
  context.run();
  return answer;
}

exit_code healthcheck(const healthcheck_options& options) {
  auto address = config::parse_listen_address(options.address);
  if (!options.config.empty()) {
    const auto settings = config::load(options.config);
    if (!settings) {
      for (const auto& error : settings.error()) fmt::print(stderr, "{}\n", config::to_text(error, options.config.string()));
      return exit_code::configuration;
    }
    if (!settings->admin.ops) {
      fmt::print(stderr, "{}: admin.ops is off: there is nobody to be asked; write an address, e.g. 127.0.0.1:8080\n",
                 options.config.string());
      return exit_code::configuration;
    }
    address = settings->admin.ops;
  }
  if (!address) {
    fmt::print(stderr, "tocsin healthcheck: --address: \"{}\" is not an IP address with a port; write e.g. 127.0.0.1:8080\n",
               options.address);
    return exit_code::usage;
  }
  const auto answer = ask_health(reachable(*address), options.question, options.timeout);
  fmt::print(answer.healthy ? stdout : stderr, "{}\n", answer.text);
  return answer.healthy ? exit_code::success : exit_code::failure;
}

} // namespace tocsin::cli
