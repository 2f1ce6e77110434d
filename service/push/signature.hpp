// Standard Webhooks (standardwebhooks.com, 1.0): three headers by which a receiver knows who sent an event and when. The secret
// comes from a file that may change.
#pragma once

#include "config/settings.hpp"
#include "push/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace tocsin::push {

// The value of webhook-signature: "v1," and the base64 of HMAC-SHA256(key, "<id>.<timestamp>.<body>"). Pure.
[[nodiscard]] std::string sign(std::string_view key, std::string_view id, std::chrono::sys_seconds time, std::string_view body);

// The bytes of a secret's text: what follows "whsec_" is base64; a text without that prefix is itself the key.
[[nodiscard]] checked<std::string> signing_key(std::string_view text);

class signature {
public:
  explicit signature(const config::secret_file& file)
      : secret_("endpoint.signing_secret.file", file.file), enabled_(!file.file.empty()) {}

  [[nodiscard]] bool enabled() const noexcept { return enabled_; }
  [[nodiscard]] checked<secret::change> refresh(secret::clock::time_point now);

  // Appends the lines webhook-id, webhook-timestamp and webhook-signature. `id` is the event's idempotency key.
  void append(std::string& head, std::string_view id, std::chrono::sys_seconds time, std::string_view body) const;

private:
  secret secret_;
  std::string key_;
  bool enabled_;
};

} // namespace tocsin::push
