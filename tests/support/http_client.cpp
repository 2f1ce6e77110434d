#include "support/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace tocsin::support {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

std::optional<http_answer> http_get(std::uint16_t port, const std::string& target, std::chrono::milliseconds limit) {
  asio::io_context context;
  beast::tcp_stream stream(context);
  stream.expires_after(limit);
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.set(http::field::connection, "close");
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64 << 20);

  bool answered = false;
  stream.async_connect({asio::ip::address_v4::loopback(), port}, [&](beast::error_code connect_error) {
    if (connect_error) return;
    http::async_write(stream, request, [&](beast::error_code write_error, std::size_t) {
      if (write_error) return;
      http::async_read(stream, buffer, parser, [&](beast::error_code read_error, std::size_t) { answered = !read_error; });
    });
  });
  context.run();
  if (!answered) return std::nullopt;
  auto response = parser.release();
  return http_answer{response.result_int(), std::string(response[http::field::content_type]), std::move(response.body())};
}

} // namespace tocsin::support
