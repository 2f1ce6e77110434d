#include "support/http_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace tocsin::test {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

bool equal_names(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// The head up to and with the empty line.
void parse_head(std::string_view head, http_request& into) {
  const auto line = head.substr(0, head.find("\r\n"));
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) throw std::runtime_error("the request line is wrong");
  into.method = line.substr(0, first);
  into.target = line.substr(first + 1, last - first - 1);
  head.remove_prefix(line.size() + 2);
  while (head.size() > 2) {
    const auto field = head.substr(0, head.find("\r\n"));
    head.remove_prefix(field.size() + 2);
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) throw std::runtime_error("a header line is wrong");
    auto value = field.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    into.headers.emplace_back(field.substr(0, colon), value);
  }
}

std::string serialize(const http_reply& reply) {
  if (reply.raw) return *reply.raw;
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Tested\r\n";
  for (const auto& [name, value] : reply.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (reply.status != 204 && reply.status != 304) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  return text.append("\r\n").append(reply.body);
}

} // namespace

std::string_view http_request::header(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (equal_names(each, name)) return value;
  }
  return {};
}

http_reply http_reply::with(unsigned status, std::string body) {
  http_reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

http_reply http_reply::bytes(std::string raw, then after) {
  http_reply reply;
  reply.raw = std::move(raw);
  reply.after = after;
  return reply;
}

class http_server::implementation {
public:
  implementation(handler h, options o)
      : options_(std::move(o)),
        handler_(std::make_shared<handler>(std::move(h))),
        acceptor_(io_),
        reserve_(io_),
        gate_(io_, forever),
        tls_(asio::ssl::context::tls_server) {
    if (with_tls()) {
      tls_.use_certificate_chain(asio::buffer(options_.certificate));
      tls_.use_private_key(asio::buffer(options_.key), asio::ssl::context::pem);
      if (!options_.client_authority.empty()) {
        tls_.add_certificate_authority(asio::buffer(options_.client_authority));
        tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
      }
      if (options_.newest_tls != 0) {
        SSL_CTX_set_security_level(tls_.native_handle(), 0); // lets it speak what is no longer spoken
        SSL_CTX_set_min_proto_version(tls_.native_handle(), 0);
        SSL_CTX_set_max_proto_version(tls_.native_handle(), options_.newest_tls);
      }
    }
    listen(options_.port);
    port_ = acceptor_.local_endpoint().port();
  }

  void start() {
    accept();
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(io_);
      io_.run();
    });
  }

  void stop() {
    io_.stop();
    thread_.join();
    sockets_.clear();
  }

  // Runs on the server's thread and waits for it.
  template <class Function>
  void there(Function function) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    asio::post(io_, [&] {
      function();
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
  }

  void listen(std::uint16_t port) {
    const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
    acceptor_.open(where.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(where);
    acceptor_.listen();
  }

  // A socket that is bound and does not listen: nobody else gets the port, and whoever connects is refused.
  void keep_port() {
    reserve_.open(tcp::v4());
    reserve_.set_option(tcp::acceptor::reuse_address(true));
    reserve_.bind({asio::ip::address_v4::loopback(), port_});
  }

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (!error) asio::co_spawn(io_, serve(this, std::move(socket)), asio::detached);
      accept();
    });
  }

  static asio::awaitable<void> serve(implementation* self, tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto id = self->opened(socket);
    try {
      if (self->with_tls()) {
        asio::ssl::stream<tcp::socket&> stream(socket, self->tls_);
        co_await stream.async_handshake(asio::ssl::stream_base::server, use_awaitable);
        co_await converse(*self, stream, id, peer_of(stream.native_handle()));
        if (socket.is_open()) co_await stream.async_shutdown(asio::redirect_error(use_awaitable, ignored));
      } else {
        co_await converse(*self, socket, id, {});
      }
    } catch (const std::exception&) { // the peer has gone, or writes no HTTP
    }
    if (socket.is_open()) {
      socket.shutdown(tcp::socket::shutdown_send, ignored);
      co_await linger(socket);
    }
    self->closed(id);
  }

  struct tls_names {
    std::string server, client;
  };
  static tls_names peer_of(SSL* session) {
    tls_names names;
    if (const char* asked = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name)) names.server = asked;
    if (const X509* certificate = SSL_get0_peer_certificate(session)) {
      std::array<char, 256> text{};
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text.data(), text.size());
      names.client = text.data();
    }
    return names;
  }

  // Reads to the end, so that what has been written is not lost by a reset.
  static asio::awaitable<void> linger(tcp::socket& socket) {
    std::array<char, 65536> rest{};
    try {
      for (;;) co_await socket.async_read_some(asio::buffer(rest), use_awaitable);
    } catch (const std::exception&) {
    }
  }

  template <class Stream>
  static asio::awaitable<void> converse(implementation& self, Stream& stream, std::uint64_t connection, tls_names peer) {
    std::string buffer;
    for (std::uint64_t on_connection = 1;; ++on_connection) {
      http_request request;
      request.connection = connection;
      request.on_connection = on_connection;
      request.server_name = peer.server;
      request.client_name = peer.client;
      const auto head = co_await asio::async_read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", use_awaitable);
      parse_head(std::string_view(buffer).substr(0, head), request);
      std::size_t length = 0;
      const auto announced = request.header("Content-Length");
      std::from_chars(announced.data(), announced.data() + announced.size(), length);
      const bool early = length > self.options_.answer_early_beyond;
      if (!early && buffer.size() < head + length) {
        const auto missing = head + length - buffer.size();
        const auto size = buffer.size();
        buffer.resize(head + length);
        co_await asio::async_read(stream, asio::buffer(buffer.data() + size, missing), use_awaitable);
      }
      if (!early) request.body = buffer.substr(head, length);
      buffer.erase(0, early ? buffer.size() : head + length);
      const auto reply = self.handle(request);
      if (reply.delay.count() > 0) {
        asio::steady_timer timer(self.io_, reply.delay);
        co_await timer.async_wait(use_awaitable);
      }
      while (reply.hold && !self.released_) {
        boost::system::error_code woken;
        co_await self.gate_.async_wait(asio::redirect_error(use_awaitable, woken));
      }
      const auto text = serialize(reply);
      co_await asio::async_write(stream, asio::buffer(text), use_awaitable);
      for (std::uint64_t i = 0; i < reply.repetitions; ++i) {
        co_await asio::async_write(stream, asio::buffer(reply.repeated), use_awaitable);
      }
      if (reply.after == http_reply::then::close) co_return;
      if (reply.after == http_reply::then::reset) {
        auto& socket = stream.lowest_layer();
        socket.set_option(asio::socket_base::linger(true, 0));
        socket.close();
        co_return;
      }
    }
  }

  std::uint64_t opened(tcp::socket& socket) {
    const std::lock_guard lock(mutex_);
    sockets_.emplace(++accepted_, &socket);
    changed_.notify_all();
    return accepted_;
  }

  void closed(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    sockets_.erase(id);
    changed_.notify_all();
  }

  http_reply handle(http_request& request) {
    std::shared_ptr<handler> h;
    {
      const std::lock_guard lock(mutex_);
      request.number = ++count_;
      h = handler_;
      if (options_.keep_requests) {
        request.at = std::chrono::steady_clock::now();
        requests_.push_back(request);
      }
      if (waiting_ > 0) changed_.notify_all();
    }
    return *h ? (*h)(request) : http_reply{};
  }

  template <class Condition>
  bool wait(std::chrono::milliseconds time, Condition met) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    const bool result = changed_.wait_for(lock, time, met);
    --waiting_;
    return result;
  }

  [[nodiscard]] bool with_tls() const { return !options_.certificate.empty(); }

  static constexpr auto forever = std::chrono::hours(24 * 365);

  const options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<handler> handler_;
  std::vector<http_request> requests_;
  std::uint64_t count_ = 0;
  std::uint64_t accepted_ = 0;
  int waiting_ = 0;
  std::map<std::uint64_t, tcp::socket*> sockets_; // changed on the server's thread, under the mutex
  bool released_ = false;                         // the server's thread only
  std::uint16_t port_ = 0;

  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  tcp::acceptor reserve_; // holds the port while the server does not listen
  asio::steady_timer gate_;
  asio::ssl::context tls_;
  std::thread thread_;
};

http_server::http_server(handler h) : http_server(std::move(h), options{}) {}
http_server::http_server(handler h, options o) : implementation_(std::make_unique<implementation>(std::move(h), std::move(o))) {
  implementation_->start();
}
http_server::~http_server() { implementation_->stop(); }

std::uint16_t http_server::port() const noexcept { return implementation_->port_; }

std::string http_server::url(std::string_view path) const {
  return (implementation_->with_tls() ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + std::string(path);
}

void http_server::set_handler(handler h) {
  const std::lock_guard lock(implementation_->mutex_);
  implementation_->handler_ = std::make_shared<handler>(std::move(h));
}

std::uint64_t http_server::count() const noexcept {
  const std::lock_guard lock(implementation_->mutex_);
  return implementation_->count_;
}

std::uint64_t http_server::connections() const noexcept {
  const std::lock_guard lock(implementation_->mutex_);
  return implementation_->accepted_;
}

std::uint64_t http_server::open_connections() const noexcept {
  const std::lock_guard lock(implementation_->mutex_);
  return implementation_->sockets_.size();
}

std::vector<http_request> http_server::requests() const {
  const std::lock_guard lock(implementation_->mutex_);
  return implementation_->requests_;
}

bool http_server::wait_for(std::uint64_t requests, std::chrono::milliseconds time) const {
  auto& i = *implementation_;
  return i.wait(time, [&] { return i.count_ >= requests; });
}

bool http_server::wait_for_open(std::uint64_t connections, std::chrono::milliseconds time) const {
  auto& i = *implementation_;
  return i.wait(time, [&] { return i.sockets_.size() == connections; });
}

void http_server::release() {
  implementation_->there([&] {
    implementation_->released_ = true;
    implementation_->gate_.cancel();
  });
}

void http_server::close_connections() {
  implementation_->there([&] {
    boost::system::error_code ignored;
    for (const auto& [id, socket] : implementation_->sockets_) socket->close(ignored);
  });
}

void http_server::stop_listening() {
  implementation_->there([&] {
    implementation_->acceptor_.close();
    implementation_->keep_port();
  });
}

void http_server::listen_again() {
  implementation_->there([&] {
    implementation_->listen(implementation_->port_);
    implementation_->reserve_.close();
    implementation_->accept();
  });
}

} // namespace tocsin::test
