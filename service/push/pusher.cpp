#include "push/pusher.hpp"

#include "push/connection.hpp"
#include "push/core.hpp"
#include "push/request_template.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace tocsin::push {
namespace {

template <class T>
void note(std::vector<std::string>& problems, const checked<T>& result) {
  if (!result) problems.push_back(result.error().text);
}

void note(std::vector<std::string>& problems, const std::vector<fault>& faults) {
  for (const auto& each : faults) problems.push_back(each.text);
}

} // namespace

std::vector<std::string> check_endpoint(const config::endpoint_settings& settings) {
  std::vector<std::string> problems;
  const auto to = parse_url(settings.url);
  note(problems, to);
  if (to) note(problems, make_request_head(settings, *to));
  note(problems, response_policy::check(settings.responses));
  if (!to || to->scheme == scheme::https) note(problems, tls_context::check(settings.tls));
  const auto now = secret::clock::now();
  note(problems, credentials(settings.auth).refresh(now));
  note(problems, signature(settings.signing_secret).refresh(now));
  return problems;
}

pusher::pusher(runtime::executor ex, const config::endpoint_settings& settings, work_source& source, probe& tell,
               std::unique_ptr<name_lookup> names)
    : core_(std::make_unique<core>(ex, settings, plan::make(settings).value(), source, tell,
                                   names ? std::move(names) : make_system_lookup(ex))) {}

pusher::~pusher() = default;

void pusher::start() {
  core_->start();
  core_->wake();
}

void pusher::wake() { core_->wake(); }
void pusher::stop() { core_->stop_taking(); }
void pusher::close() { core_->close(); }

boost::asio::awaitable<void> pusher::drained() {
  if (core_->closed()) co_return co_await core_->tasks.join();
  while (core_->attempts() > 0 && !core_->closed()) co_await core_->drained.wait(boost::asio::use_awaitable);
  if (core_->closed()) co_await core_->tasks.join();
}

std::size_t pusher::active_connections() const noexcept { return core_->open_connections() - core_->idle_connections(); }
std::size_t pusher::idle_connections() const noexcept { return core_->idle_connections(); }
std::size_t pusher::attempts_in_flight() const noexcept { return core_->attempts(); }

} // namespace tocsin::push
