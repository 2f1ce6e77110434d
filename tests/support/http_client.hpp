// One HTTP request to 127.0.0.1, blocking; for the probes, metrics and the status of a relay under test.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tocsin::support {

struct http_answer {
  unsigned status = 0;
  std::string content_type, body;
};

// None: nobody listens, or no whole answer within the limit.
[[nodiscard]] std::optional<http_answer> http_get(std::uint16_t port, const std::string& target,
                                                  std::chrono::milliseconds limit = std::chrono::seconds(5));

} // namespace tocsin::support
