#include "push/signature.hpp"

#include "push/base64.hpp"
#include "push/request_template.hpp"
#include "runtime/assertion.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>

namespace tocsin::push {
namespace {

struct free_mac {
  void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

} // namespace

std::string sign(std::string_view key, std::string_view id, std::chrono::sys_seconds time, std::string_view body) {
  const std::unique_ptr<EVP_MAC, free_mac> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  const std::unique_ptr<EVP_MAC_CTX, free_mac> context(EVP_MAC_CTX_new(mac.get()));
  std::string digest_name = "SHA256";
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
                              OSSL_PARAM_construct_end()};
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  const auto before = fmt::format("{}.{}.", id, time.time_since_epoch().count());
  std::array<unsigned char, 32> digest{};
  std::size_t length = 0;
  const bool made = EVP_MAC_init(context.get(), bytes(key), key.size(), parameters.data()) == 1 &&
                    EVP_MAC_update(context.get(), bytes(before), before.size()) == 1 &&
                    EVP_MAC_update(context.get(), bytes(body), body.size()) == 1 &&
                    EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) == 1;
  TOCSIN_ASSERT(made && length == digest.size());
  return "v1," + base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

checked<std::string> signing_key(std::string_view text) {
  constexpr std::string_view prefix = "whsec_";
  if (!text.starts_with(prefix)) return std::string(text);
  auto key = base64_decode(text.substr(prefix.size()));
  if (!key || key->empty())
    return fault{
        "endpoint.signing_secret.file: what follows whsec_ in it is not base64; write the secret as it was given to you"};
  return std::move(*key);
}

checked<secret::change> signature::refresh(secret::clock::time_point now) {
  if (!enabled_) return secret::change::none;
  auto result = secret_.refresh(now);
  if (result && *result == secret::change::changed) {
    auto key = signing_key(secret_.value());
    if (!key) return key.error();
    key_ = std::move(*key);
  }
  return result;
}

void signature::append(std::string& head, std::string_view id, std::chrono::sys_seconds time, std::string_view body) const {
  head += header_line("webhook-id", id);
  head += header_line("webhook-timestamp", fmt::format_int(time.time_since_epoch().count()).c_str());
  head += header_line("webhook-signature", sign(key_, id, time, body));
}

} // namespace tocsin::push
