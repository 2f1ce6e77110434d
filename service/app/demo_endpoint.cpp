#include "app/demo_endpoint.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>

namespace tocsin::app {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

constexpr auto time_between_outages = std::chrono::seconds(6);
constexpr auto length_of_outage = std::chrono::milliseconds(1500);

std::string answer(std::string_view status, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Type: application/json\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\n\r\n";
  text += body;
  return text;
}

std::size_t content_length(std::string_view head) {
  const auto at = head.find("Content-Length: ");
  std::size_t length = 0;
  if (at != std::string_view::npos) std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
  return length;
}

} // namespace

class demo_endpoint::impl {
public:
  impl() : acceptor_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
    asio::co_spawn(context_, accept(), [](std::exception_ptr) {});
    thread_ = std::thread([this] { context_.run(); });
  }
  ~impl() {
    context_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void stay_well() { well_ = true; }
  demo_book book() const {
    const std::lock_guard held(guard_);
    return book_;
  }

private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto peer = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(context_, serve(std::move(peer)), [](std::exception_ptr) {});
    }
  }

  asio::awaitable<void> serve(tcp::socket peer) {
    std::string buffer;
    for (;;) {
      boost::system::error_code closed;
      const auto head = co_await asio::async_read_until(peer, asio::dynamic_buffer(buffer), "\r\n\r\n",
                                                        asio::redirect_error(asio::use_awaitable, closed));
      if (closed) co_return;
      const auto whole = head + content_length(std::string_view(buffer).substr(0, head));
      if (buffer.size() < whole)
        co_await asio::async_read(peer, asio::dynamic_buffer(buffer), asio::transfer_exactly(whole - buffer.size()),
                                  asio::redirect_error(asio::use_awaitable, closed));
      if (closed) co_return;
      const auto reply = judge(std::string_view(buffer).substr(head, whole - head));
      buffer.erase(0, whole);
      co_await asio::async_write(peer, asio::buffer(reply), asio::redirect_error(asio::use_awaitable, closed));
      if (closed) co_return;
    }
  }

  std::string judge(std::string_view body) {
    const std::lock_guard held(guard_);
    ++book_.requests;
    if (unwell()) {
      ++book_.failed;
      return answer("503 Service Unavailable", R"({"error": "not now"})");
    }
    boost::system::error_code bad;
    const auto alert = boost::json::parse(body, bad);
    boost::system::error_code missing;
    const auto* host = bad ? nullptr : alert.find_pointer("/alertDims/host", missing);
    const auto name = host != nullptr && host->is_string() ? std::string(host->get_string()) : std::string("?");
    if (name == "unlisted") {
      ++book_.unknown;
      return answer("400 Bad Request", R"({"error": "not match any cmdb instance"})");
    }
    note(name, alert);
    return answer("200 OK", R"({"code": 0})");
  }

  void note(const std::string& host, const boost::json::value& alert) {
    std::int64_t sequence = 0;
    if (const auto* id = alert.as_object().if_contains("alertId"); id != nullptr && id->is_string())
      std::from_chars(id->get_string().data() + 6, id->get_string().data() + id->get_string().size(), sequence, 16);
    auto& last = last_of_[host];
    if (sequence == last) {
      ++book_.taken_twice;
    } else if (sequence < last) {
      ++book_.out_of_order;
    } else {
      last = sequence;
      ++book_.accepted;
    }
  }

  bool unwell() {
    if (well_) return false;
    const auto now = clock::now();
    if (now >= next_outage_) {
      ++book_.outages;
      outage_until_ = now + length_of_outage;
      next_outage_ = now + time_between_outages;
    }
    return now < outage_until_ || random_() % 50 == 0;
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  mutable std::mutex guard_;
  demo_book book_;
  std::unordered_map<std::string, std::int64_t> last_of_;
  std::minstd_rand random_{std::random_device{}()};
  clock::time_point next_outage_ = clock::now() + time_between_outages / 2;
  clock::time_point outage_until_{};
  std::atomic<bool> well_{false};
  std::thread thread_;
};

demo_endpoint::demo_endpoint() : impl_(std::make_unique<impl>()) {}
demo_endpoint::~demo_endpoint() = default;
std::uint16_t demo_endpoint::port() const noexcept { return impl_->port(); }
demo_book demo_endpoint::book() const { return impl_->book(); }
void demo_endpoint::stay_well() { impl_->stay_well(); }

} // namespace tocsin::app
