#include "push/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace tocsin::push {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using delivery::retry_reason;
using timer_type = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, runtime::executor>;
using dialled = boost::system::result<tcp_socket, dial_failure>;

constexpr auto head_start = std::chrono::milliseconds(250);

} // namespace

// Handlers hold the race by shared pointer: a lookup or a connect may end long after the dialling has.
struct dial::race : std::enable_shared_from_this<race> {
  explicit race(runtime::executor ex) : executor(ex), changed(ex) {}

  void look_up(name_lookup& names, const url& to) {
    if (to.kind == host_kind::address) {
      addresses = {{asio::ip::make_address(to.host), to.port}};
      resolved = true;
      return;
    }
    names.lookup(to.host, to.port, [self = shared_from_this()](boost::system::error_code error, const endpoints& found) {
      self->resolved = true;
      self->lookup_error = error;
      self->addresses = interleave_families(found);
      self->changed.cancel();
    });
  }

  void start_next() {
    const auto index = sockets.size();
    ++running;
    sockets.push_back(std::make_unique<tcp_socket>(executor));
    sockets.back()->async_connect(addresses[index], [self = shared_from_this(), index](const boost::system::error_code& error) {
      --self->running;
      if (error) {
        self->last_error = error;
      } else if (self->winner == nullptr) {
        self->winner = self->sockets[index].get();
      }
      self->changed.cancel();
    });
  }

  void end() {
    for (auto& socket : sockets) {
      boost::system::error_code ignored;
      if (socket.get() != winner) socket->close(ignored);
    }
  }

  runtime::executor executor;
  timer_type changed; // its waiter is the dialling coroutine; cancelled whenever there is news
  bool aborted = false;
  bool resolved = false;
  boost::system::error_code lookup_error;
  endpoints addresses;
  std::vector<std::unique_ptr<tcp_socket>> sockets;
  std::size_t running = 0;
  boost::system::error_code last_error;
  tcp_socket* winner = nullptr;
};

dial::dial(runtime::executor ex, name_lookup& names) : names_(names), race_(std::make_shared<race>(ex)) {}
dial::~dial() { race_->end(); }

void dial::abort() {
  race_->aborted = true;
  race_->changed.cancel();
}

runtime::task<dialled> dial::run(const url& to, clock::time_point deadline) {
  const auto race = race_;
  constexpr auto token = asio::as_tuple(runtime::use_task);
  race->look_up(names_, to);
  while (!race->resolved && !race->aborted) {
    if (clock::now() >= deadline)
      co_return dial_failure{retry_reason::dns, fmt::format("{}: the name lookup timed out", to.host)};
    race->changed.expires_at(deadline);
    co_await race->changed.async_wait(token);
  }
  if (race->resolved && race->addresses.empty()) {
    co_return dial_failure{retry_reason::dns,
                           fmt::format("{}: {}", to.host, race->lookup_error ? race->lookup_error.message() : "no address")};
  }
  // With many addresses each gets less of a start, so that all of them are tried within the time.
  const auto start = clock::now();
  const auto step = std::min<clock::duration>(head_start, (deadline - start) / static_cast<int>(race->addresses.size() + 1));
  auto next_start = start;
  while (race->winner == nullptr && !race->aborted) {
    const auto now = clock::now();
    const bool more = race->sockets.size() < race->addresses.size();
    if (now >= deadline) {
      race->end();
      co_return dial_failure{retry_reason::connect, fmt::format("{}: connect timed out", to.authority)};
    }
    if (more && (race->running == 0 || now >= next_start)) {
      race->start_next();
      next_start = now + step;
      continue;
    }
    if (!more && race->running == 0) {
      co_return dial_failure{retry_reason::connect, fmt::format("{}: {}", to.authority, race->last_error.message())};
    }
    race->changed.expires_at(more ? std::min(deadline, next_start) : deadline);
    co_await race->changed.async_wait(token);
  }
  race->end();
  if (race->winner == nullptr) co_return dial_failure{retry_reason::connect, "aborted"};
  auto socket = std::move(*race->winner);
  boost::system::error_code error;
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error) socket.non_blocking(true, error);
  if (error) co_return dial_failure{retry_reason::connect, fmt::format("{}: {}", to.authority, error.message())};
  co_return socket;
}

} // namespace tocsin::push
