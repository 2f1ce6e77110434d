// An answer, and its bytes.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::api {

struct response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers; // besides those that every answer has
};

enum class connection_after { keep, close };
enum class body_shown { yes, no }; // no: the answer to HEAD, whose length is that of the body it does not have

[[nodiscard]] std::string serialize(const response&, std::string_view request_id, connection_after, body_shown,
                                    std::chrono::system_clock::time_point now);

// A JSON answer: "scope": "instance" and "instance" first, then the members.
[[nodiscard]] response json_response(std::string_view instance, boost::json::object members);

// RFC 9457. `members`: of the problem besides type, title, status and detail. `type` is about:blank, so the title is the
// status's.
[[nodiscard]] response problem(std::string_view instance, unsigned status, std::string detail, boost::json::object members = {});

// In UTC, with milliseconds: 2026-11-22T08:00:00.000Z.
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point);

} // namespace tocsin::api
