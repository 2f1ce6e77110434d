// The yardstick: nginx as the endpoint, and wrk posting the same bytes to it over as many connections.
#pragma once

#include "support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace tocsin::bench {

// nginx with one worker on a free port of 127.0.0.1 that answers every request with 200 and {"code":0}.
class nginx {
public:
  nginx();
  ~nginx();
  nginx(const nginx&) = delete;
  nginx& operator=(const nginx&) = delete;
  [[nodiscard]] std::string url() const;

private:
  support::temporary_directory directory_;
  std::uint16_t port_;
  std::unique_ptr<support::process> process_;
};

struct wrk_figures {
  double requests_per_second = 0;
  double cpu_microseconds_per_request = 0; // wrk's own user and system time
};
// One thread, for so many seconds.
[[nodiscard]] wrk_figures run_wrk(const std::string& url, const std::string& body, unsigned connections, unsigned seconds);

} // namespace tocsin::bench
