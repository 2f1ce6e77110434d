#include "api/response.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace tocsin::api {
namespace {

std::string_view reason(unsigned status) {
  return boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
}

std::tm in_utc(std::chrono::system_clock::time_point time) {
  return fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time)));
}

response as_json(unsigned status, std::string content_type, const boost::json::object& object) {
  return {status, std::move(content_type), boost::json::serialize(object) + "\n", {}};
}

void append(boost::json::object& to, boost::json::object&& members) {
  for (auto& [name, value] : members) to[name] = std::move(value);
}

} // namespace

std::string serialize(const response& answer, std::string_view request_id, connection_after after, body_shown shown,
                      std::chrono::system_clock::time_point now) {
  std::string out;
  out.reserve(512 + answer.body.size());
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
  fmt::format_to(to, "Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", in_utc(now));
  fmt::format_to(to, "Content-Type: {}\r\nContent-Length: {}\r\n", answer.content_type, answer.body.size());
  fmt::format_to(to, "X-Request-Id: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n", request_id);
  for (const auto& [name, value] : answer.headers) fmt::format_to(to, "{}: {}\r\n", name, value);
  fmt::format_to(to, "Connection: {}\r\n\r\n", after == connection_after::keep ? "keep-alive" : "close");
  if (shown == body_shown::yes) out += answer.body;
  return out;
}

response json_response(std::string_view instance, boost::json::object members) {
  boost::json::object object{{"scope", "instance"}, {"instance", instance}};
  append(object, std::move(members));
  return as_json(200, "application/json", object);
}

response problem(std::string_view instance, unsigned status, std::string detail, boost::json::object members) {
  boost::json::object object{{"type", "about:blank"},       {"title", reason(status)}, {"status", status},
                             {"detail", std::move(detail)}, {"scope", "instance"},     {"instance", instance}};
  append(object, std::move(members));
  return as_json(status, "application/problem+json", object);
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto in_ms = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch();
  const auto ms = in_ms - std::chrono::floor<std::chrono::seconds>(in_ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", in_utc(time), ms.count());
}

} // namespace tocsin::api
