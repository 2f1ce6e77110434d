#include "fake_control.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace tocsin::test {
namespace {

boost::asio::awaitable<app::relay_status> give(const app::relay_status& status) { co_return status; }

} // namespace

boost::asio::awaitable<app::relay_status> fake_control::status() {
  if (!failure.empty()) throw std::runtime_error(failure);
  if (!is_stuck) co_return answer;
  app::relay_status later = co_await boost::asio::co_spawn(relay_, give(answer), boost::asio::use_awaitable);
  co_return later;
}

} // namespace tocsin::test
