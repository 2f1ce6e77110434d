#include "push/channel.hpp"
#include "push/exchange.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace tocsin::push {
namespace {

namespace asio = boost::asio;
using tls_stream = asio::ssl::stream<tcp_socket>;

class tls_over_tcp final : public tls_channel {
public:
  tls_over_tcp(tcp_socket socket, const tls_context& tls) : wire_{tls_stream(std::move(socket), tls.context())} {}

  runtime::task<std::string> handshake(const url& to) override {
    auto* const native = wire_.stream.native_handle();
    // Server name indication is for names only (RFC 6066 3).
    if (to.kind == host_kind::name) SSL_set_tlsext_host_name(native, to.host.c_str());
    SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    auto* const wanted = SSL_get0_param(native);
    const int named = to.kind == host_kind::name ? X509_VERIFY_PARAM_set1_host(wanted, to.host.data(), to.host.size())
                                                 : X509_VERIFY_PARAM_set1_ip_asc(wanted, to.host.c_str());
    if (named != 1) co_return "the host name cannot be verified";
    boost::system::error_code error;
    co_await wire_.stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(runtime::use_task, error));
    if (!error) co_return std::string();
    if (wire_.aborted) co_return "the TLS handshake timed out";
    const auto verified = SSL_get_verify_result(native);
    if (verified != X509_V_OK) co_return std::string("TLS: ") + X509_verify_cert_error_string(verified);
    co_return "TLS: " + error.message();
  }

  runtime::task<exchange_end> exchange(message m, answer& into, keep what) override {
    return exchange_over(wire_, m, into, what);
  }

  bool quiet() override {
    // Bytes may be a session ticket that came after the last answer; an end is an end.
    return (events_of(wire_.stream.next_layer()) & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
  }

  void abort() noexcept override {
    wire_.aborted = true;
    boost::system::error_code ignored;
    wire_.stream.next_layer().close(ignored);
  }

private:
  wire<tls_stream> wire_;
};

} // namespace

std::unique_ptr<tls_channel> make_tls_channel(tcp_socket socket, const tls_context& tls) {
  return std::make_unique<tls_over_tcp>(std::move(socket), tls);
}

} // namespace tocsin::push
