#include "push/channel.hpp"
#include "push/exchange.hpp"

namespace tocsin::push {
namespace {

class plain_channel final : public channel {
public:
  explicit plain_channel(tcp_socket socket) : wire_{std::move(socket)} {}

  runtime::task<exchange_end> exchange(message m, answer& into, keep what) override {
    return exchange_over(wire_, m, into, what);
  }

  bool quiet() override { return events_of(wire_.stream) == 0; }

  void abort() noexcept override {
    wire_.aborted = true;
    boost::system::error_code ignored;
    wire_.stream.close(ignored);
  }

private:
  wire<tcp_socket> wire_;
};

} // namespace

std::unique_ptr<channel> make_plain_channel(tcp_socket socket) { return std::make_unique<plain_channel>(std::move(socket)); }

} // namespace tocsin::push
