#include "push/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace tocsin::push {
namespace {

namespace ssl = boost::asio::ssl;

fault refuse(std::string_view member, const std::filesystem::path& file, const boost::system::error_code& why) {
  return {fmt::format("endpoint.tls.{}: \"{}\" cannot be used: {}; name a PEM file that this user may read", member,
                      file.string(), why.message())};
}

// Goes on past a fault, so that all are told; with one, the context is of no use.
std::unique_ptr<ssl::context> load(const config::tls_settings& files, std::vector<fault>& faults) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS); // idle connections give theirs back
  static constexpr unsigned char http11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context->native_handle(), http11, sizeof(http11) - 1);
  context->set_verify_mode(ssl::verify_peer);
  if (files.ca_file.empty()) {
    context->set_default_verify_paths(error);
    if (error) faults.push_back({fmt::format("endpoint.tls: the system's certificate authorities: {}", error.message())});
  } else {
    context->load_verify_file(files.ca_file.string(), error);
    if (error) faults.push_back(refuse("ca_file", files.ca_file, error));
  }
  if (files.cert_file.empty() != files.key_file.empty())
    faults.push_back({"endpoint.tls: cert_file and key_file belong together; give both or none"});
  if (!files.cert_file.empty()) {
    context->use_certificate_chain_file(files.cert_file.string(), error);
    if (error) faults.push_back(refuse("cert_file", files.cert_file, error));
  }
  if (!files.key_file.empty()) {
    context->use_private_key_file(files.key_file.string(), ssl::context::pem, error);
    if (error) faults.push_back(refuse("key_file", files.key_file, error));
  }
  return context;
}

} // namespace

checked<tls_context> tls_context::make(const config::tls_settings& settings) {
  tls_context result;
  result.settings_ = settings;
  result.seen_ = result.look();
  std::vector<fault> faults;
  result.context_ = load(settings, faults);
  if (!faults.empty()) return faults.front();
  return result;
}

std::vector<fault> tls_context::check(const config::tls_settings& settings) {
  std::vector<fault> faults;
  load(settings, faults);
  return faults;
}

tls_context::times tls_context::look() const {
  const auto time = [](const std::filesystem::path& file) {
    std::error_code error;
    const auto found = std::filesystem::last_write_time(file, error);
    return file.empty() || error ? std::filesystem::file_time_type{} : found;
  };
  return {time(settings_.ca_file), time(settings_.cert_file), time(settings_.key_file)};
}

checked<void> tls_context::refresh(clock::time_point now) {
  if (now < look_again_) return {};
  look_again_ = now + std::chrono::seconds(2);
  const auto found = look();
  if (found == seen_) return {};
  seen_ = found;
  std::vector<fault> faults;
  auto context = load(settings_, faults);
  if (!faults.empty()) return faults.front();
  context_ = std::move(context);
  return {};
}

} // namespace tocsin::push
