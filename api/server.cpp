#include "api/server.hpp"

#include "api/openapi.hpp"
#include "observe/log.hpp"
#include "observe/process_metrics.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <future>
#include <thread>

namespace tocsin::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds tick{1}, stop_timeout{1};

std::vector<std::string> route_paths() {
  std::vector<std::string> paths;
  for (const route& each : routes())
    if (std::ranges::find(paths, each.path) == paths.end()) paths.emplace_back(each.path);
  return paths;
}

std::vector<std::string> mutation_actions() {
  std::vector<std::string> actions;
  for (const route& each : routes())
    if (is_mutation(each.method)) actions.emplace_back(action_of(each));
  return actions;
}

asio::awaitable<void> measure_loop_lag(admin_metrics& metrics) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(tick);
    co_await timer.async_wait(asio::use_awaitable);
    metrics.loop_lag(std::chrono::steady_clock::now() - timer.expiry());
  }
}

} // namespace

struct server::impl {
  impl(server_options options, app::control& relay)
      : settings(std::move(options.settings)),
        limits(options.limits),
        own_metrics(route_paths(), mutation_actions()),
        context{.relay = relay,
                .instance = std::move(options.instance),
                .build = std::move(options.build),
                .metrics = std::move(options.metrics),
                .openapi = openapi_json(),
                .status_timeout = options.status_timeout},
        requests(context, own_metrics, token_file(settings.token.file), settings.allowed_hosts) {
    context.metrics.push_back(&own_metrics);
    context.metrics.push_back(&process);
  }

  void bind(std::optional<listener>& to, listener_kind kind, std::string_view setting,
            const std::optional<config::listen_address>& at, std::optional<std::uint16_t>& port) {
    if (!at) return;
    asio::ip::tcp::acceptor acceptor = listen_on(io, setting, *at);
    const asio::ip::tcp::endpoint bound = acceptor.local_endpoint();
    if (kind == listener_kind::admin && settings.token.file.empty() && !bound.address().is_loopback())
      throw listen_error(
          fmt::format("{}: {} can be reached from other machines and asks for no token; set admin.token: {{file: …}}, "
                      "or listen on 127.0.0.1",
                      setting, to_string(bound)));
    to.emplace(std::move(acceptor), kind, limits, requests, tasks);
    port = bound.port();
    log::info("listening", {{"setting", setting}, {"address", to_string(bound)}});
  }

  asio::awaitable<void> end() {
    for (std::optional<listener>* each : {&ops, &admin})
      if (*each) (*each)->close();
    tasks.cancel();
    co_await tasks.join();
    work.reset();
  }

  config::admin_settings settings;
  connection_limits limits;
  observe::process_metrics process;
  admin_metrics own_metrics;
  handler_context context;
  dispatcher requests;
  asio::io_context io{1};
  asio::executor_work_guard<runtime::executor> work{io.get_executor()};
  runtime::task_group tasks{io.get_executor()};
  std::optional<listener> ops, admin;
  std::optional<std::uint16_t> ops_port, admin_port;
  std::promise<void> ended;
  std::thread thread;
};

server::server(server_options options, app::control& relay) : impl_(std::make_shared<impl>(std::move(options), relay)) {}

server::~server() { stop(); }

void server::start() {
  impl& self = *impl_;
  TOCSIN_ASSERT(!self.thread.joinable());
  if (const auto fault = token_file(self.settings.token.file).fault(); fault && self.settings.listen) throw listen_error(*fault);
  self.bind(self.ops, listener_kind::ops, "admin.ops", self.settings.ops, self.ops_port);
  self.bind(self.admin, listener_kind::admin, "admin.listen", self.settings.listen, self.admin_port);
  for (std::optional<listener>* each : {&self.ops, &self.admin})
    if (*each) (*each)->start();
  self.tasks.spawn(measure_loop_lag(self.own_metrics));
  self.thread = std::thread([&self] {
    self.io.run();
    self.ended.set_value();
  });
}

void server::stop() noexcept {
  impl& self = *impl_;
  if (!self.thread.joinable()) return;
  asio::co_spawn(self.io, self.end(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  if (self.ended.get_future().wait_for(stop_timeout) != std::future_status::ready) self.io.stop();
  self.thread.join();
  if (self.context.status_asked == 0) return;
  // The relay thread holds the answer to a question: a coroutine of this event loop, which therefore has to stay.
  log::warning("the relay thread left questions unanswered", {{"questions", self.context.status_asked}});
  [[maybe_unused]] static std::vector<std::shared_ptr<impl>> left_behind;
  left_behind.push_back(impl_);
}

std::optional<std::uint16_t> server::ops_port() const noexcept { return impl_->ops_port; }
std::optional<std::uint16_t> server::admin_port() const noexcept { return impl_->admin_port; }

} // namespace tocsin::api
