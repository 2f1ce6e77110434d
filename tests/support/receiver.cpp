#include "support/receiver.hpp"

#include "support/process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tocsin::support {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

struct receiver::state {
  receiver::script script;
  std::optional<asio::io_context> context{std::in_place, 1};
  std::optional<tcp::acceptor> acceptor{std::in_place, *context};
  std::uint16_t port = 0;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<arrival> arrivals;
  std::jthread thread;

  answer take(arrival what) {
    auto reply = script ? script(what) : answer{};
    what.status = reply.status;
    const std::lock_guard lock(mutex);
    arrivals.push_back(std::move(what));
    changed.notify_all();
    return reply;
  }

  void accept();
};

namespace {

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

// One connection; keeps itself alive through its pending operation.
class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, std::function<answer(arrival)> take)
      : stream_(std::move(socket)), timer_(stream_.get_executor()), take_(std::move(take)) {
    beast::error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(64 << 20);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->reply();
    });
  }

private:
  void reply() {
    auto request = parser_->release();
    const auto reply = take_({unquoted(request["Idempotency-Key"]), std::move(request.body()), 0});
    response_ = {};
    response_.result(reply.status);
    response_.set(http::field::content_type, "application/json");
    if (!reply.retry_after.empty()) response_.set(http::field::retry_after, reply.retry_after);
    response_.body() = reply.body;
    response_.keep_alive(request.keep_alive());
    response_.prepare_payload();
    if (reply.after.count() == 0) return write();
    timer_.expires_after(reply.after);
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error) self->write();
    });
  }

  void write() {
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  std::function<answer(arrival)> take_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

} // namespace

void receiver::state::accept() {
  acceptor->async_accept([this](beast::error_code error, tcp::socket socket) {
    if (error) return;
    std::make_shared<session>(std::move(socket), [this](arrival what) { return take(std::move(what)); })->read();
    accept();
  });
}

receiver::receiver(script answers, std::uint16_t port) : state_(std::make_unique<state>()) {
  state_->script = std::move(answers);
  auto& acceptor = *state_->acceptor;
  acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  // Of our own choice: a port of the kernel's could, while the endpoint is away, be that of an outgoing connection.
  acceptor.bind({asio::ip::address_v4::loopback(), port == 0 ? free_port() : port});
  acceptor.listen(1024);
  state_->port = acceptor.local_endpoint().port();
  state_->accept();
  state_->thread = std::jthread([s = state_.get()] { s->context->run(); });
}

receiver::~receiver() { close(); }

void receiver::close() {
  if (!state_->context) return;
  state_->context->stop();
  state_->thread.join();
  state_->acceptor.reset();
  state_->context.reset(); // and with it every connection
}

std::uint16_t receiver::port() const noexcept { return state_->port; }

std::string receiver::url() const { return "http://127.0.0.1:" + std::to_string(state_->port) + "/events"; }

std::size_t receiver::count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->arrivals.size();
}

std::vector<arrival> receiver::arrivals() const {
  const std::lock_guard lock(state_->mutex);
  return state_->arrivals;
}

bool receiver::wait_for(std::size_t count, std::chrono::milliseconds limit) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, limit, [&] { return state_->arrivals.size() >= count; });
}

} // namespace tocsin::support
