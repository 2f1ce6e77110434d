#include "push/credentials.hpp"

#include "push/base64.hpp"
#include "push/request_template.hpp"

namespace tocsin::push {

credentials::credentials(const config::credentials& settings) {
  if (const auto* bearer = std::get_if<config::bearer_credentials>(&settings)) {
    secret_.emplace("endpoint.auth.bearer.file", bearer->token.file);
  } else if (const auto* basic = std::get_if<config::basic_credentials>(&settings)) {
    user_ = basic->user;
    secret_.emplace("endpoint.auth.basic.password.file", basic->password.file);
  } else if (const auto* whole = std::get_if<config::authorization_credentials>(&settings)) {
    secret_.emplace("endpoint.auth.authorization.file", whole->value.file);
    prefix_.clear();
  }
}

checked<secret::change> credentials::refresh(secret::clock::time_point now) {
  if (!secret_) return secret::change::none;
  auto result = secret_->refresh(now);
  if (result && *result == secret::change::changed) {
    line_ = user_ ? header_line("Authorization", "Basic " + base64_encode(*user_ + ":" + secret_->value()))
                  : header_line("Authorization", prefix_ + secret_->value());
  }
  return result;
}

} // namespace tocsin::push
