// X.509 certificates for tests, made when they are needed.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tocsin::test {

struct certificate {
  std::string pem;
  std::string key; // PEM
};

struct certificate_request {
  std::string common_name = "tocsin test";
  std::vector<std::string> names;     // subject alternative names: "DNS:localhost", "IP:127.0.0.1"
  std::chrono::hours valid_from{-1};  // from now
  std::chrono::hours valid_until{24}; // from now
};

// Signed by itself, may sign others.
[[nodiscard]] certificate make_authority(const std::string& common_name = "tocsin test authority");
[[nodiscard]] certificate make_certificate(const certificate& authority, const certificate_request&);

} // namespace tocsin::test
