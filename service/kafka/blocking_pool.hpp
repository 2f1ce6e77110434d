// The one thread on which librdkafka's few blocking calls run (assign, seek, destroy: milliseconds as a rule), so that the relay
// thread never waits inside librdkafka.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>

namespace tocsin::kafka {

class blocking_pool {
public:
  blocking_pool() : pool_(1) {}
  ~blocking_pool() { pool_.join(); } // waits for the calls that are running
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;

  // Runs `call` on the pool's thread; the awaiting coroutine goes on on its own executor. Cannot be cancelled: `call` owns what
  // it touches. An exception of `call` is a bug and ends the process.
  [[nodiscard]] boost::asio::awaitable<void> run(std::function<void()> call);

private:
  boost::asio::thread_pool pool_;
};

} // namespace tocsin::kafka
