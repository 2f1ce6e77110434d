// The TLS side of an endpoint: who is trusted, who we are. Files are read at start and again when they change.
#pragma once

#include "config/settings.hpp"
#include "push/fault.hpp"

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

namespace tocsin::push {

class tls_context {
public:
  using clock = std::chrono::steady_clock;

  // Refuses, naming `endpoint.tls.…` and the file, what cannot be read, is no PEM, or does not fit together.
  [[nodiscard]] static checked<tls_context> make(const config::tls_settings&);

  // Everything that make() would refuse.
  [[nodiscard]] static std::vector<fault> check(const config::tls_settings&);

  // Looks at the files at most every 2 s and reads them again when one has changed. On a failure the old ones stay in use.
  // Connections that are open keep what they were opened with.
  [[nodiscard]] checked<void> refresh(clock::time_point now);

  // TLS 1.2 at least, peer verified, ALPN http/1.1.
  [[nodiscard]] boost::asio::ssl::context& context() const noexcept { return *context_; }

private:
  using times = std::array<std::filesystem::file_time_type, 3>;

  tls_context() = default;
  [[nodiscard]] times look() const;

  config::tls_settings settings_;
  std::unique_ptr<boost::asio::ssl::context> context_;
  times seen_{};
  clock::time_point look_again_ = clock::time_point::min();
};

} // namespace tocsin::push
