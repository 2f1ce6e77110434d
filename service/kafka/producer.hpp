// An idempotent producer (acks=all) whose delivery reports come back on the executor's thread.
#pragma once

#include "kafka/blocking_pool.hpp"
#include "kafka/failure.hpp"
#include "kafka/record.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::kafka {

struct outgoing {
  std::string_view topic;
  std::optional<std::int32_t> partition;      // none: by key (murmur2, as the Java client), or any
  std::optional<std::string_view> key, value; // none: null
  std::span<const header_view> headers;
  std::optional<std::int64_t> timestamp_ms; // none: now
};

// The fate of one message: acknowledged at an offset, or a failure after which the message may be sent again.
struct delivery_report {
  std::uint64_t id = 0;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::optional<failure> error;
};

struct producer_options {
  std::string brokers;
  std::vector<std::pair<std::string, std::string>> properties; // raw; those of consumers only are ignored
  std::string client_id = "tocsin";
  std::chrono::milliseconds message_timeout{30000};
  std::function<void(const delivery_report&)> on_report; // on the executor's thread; may call send()
  std::function<void(const failure&)> on_error;          // worth counting; may be empty
  log_function log;
};

class producer {
public:
  // Throws configuration_error.
  producer(boost::asio::any_io_executor executor, blocking_pool& pool, producer_options options);
  ~producer();
  producer(const producer&) = delete;
  producer& operator=(const producer&) = delete;

  // Serves delivery reports until close() is through. A fatal error of the idempotent producer fails what is outstanding and
  // makes a fresh producer; so does, at most once a minute, a message that timed out.
  [[nodiscard]] boost::asio::awaitable<void> run();

  // Copies the message into the send buffer. None: accepted, exactly one report with `id` follows; a failure (buffer full, larger
  // than the client sends, being replaced): nothing follows, try again later.
  [[nodiscard]] std::optional<failure> send(const outgoing& message, std::uint64_t id);

  [[nodiscard]] std::size_t outstanding() const noexcept; // accepted and not reported

  // Waits until everything accepted so far is reported; false: `bound` was over first.
  [[nodiscard]] boost::asio::awaitable<bool> flush(std::chrono::milliseconds bound);

  // Flushes for at most `bound`; what is left is reported as failed. Ends run(). May be called twice, and without run().
  [[nodiscard]] boost::asio::awaitable<void> close(std::chrono::milliseconds bound);

  // For tests: what the idempotent producer does when it can no longer guarantee its promise.
  void provoke_fatal_error();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::kafka
