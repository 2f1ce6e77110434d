// The Authorization header: a bearer token (RFC 6750), a user and password (RFC 7617), or a value of any scheme, from files that
// may change.
#pragma once

#include "config/settings.hpp"
#include "push/secret.hpp"

#include <optional>
#include <string>

namespace tocsin::push {

class credentials {
public:
  explicit credentials(const config::credentials&);

  // As secret::refresh(): brings line() up to date. Fails only where a file cannot be used; line() then stays what it was.
  [[nodiscard]] checked<secret::change> refresh(secret::clock::time_point now);

  // "Authorization: …\r\n", or empty without credentials and before the first refresh().
  [[nodiscard]] const std::string& line() const noexcept { return line_; }

private:
  std::optional<std::string> user_; // basic
  std::string prefix_ = "Bearer ";  // of the secret, where it is not basic
  std::optional<secret> secret_;
  std::string line_;
};

} // namespace tocsin::push
