// The dead-letter topic: records that could not be delivered, with the reason in their headers. A dead letter is settled only
// when all in-sync replicas have it (acks=all, idempotent).
#pragma once

#include "config/settings.hpp"
#include "kafka/blocking_pool.hpp"
#include "kafka/failure.hpp"
#include "kafka/record.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::kafka {

// Why a record is a dead letter; what becomes the headers tocsin-*.
struct dead_letter_note {
  std::string_view reason;               // not_json | schema | mapping | too_large | rejected | retries_exhausted | expired | ...
  std::string_view detail;               // for people; cut to 1000 bytes
  std::optional<unsigned> status;        // HTTP status of the last attempt; none: no attempt, or no answer
  std::optional<std::uint32_t> attempts; // none: no attempt was made
};

class dead_letter_handler {
public:
  virtual ~dead_letter_handler() = default;

  // The dead letter sent as `id` is in the topic; with `error` it is not, and may be sent again: every failure here is one of the
  // topic or the cluster, none is the record's verdict. (A record that the topic's max.message.bytes cannot take stays here too:
  // it is logged as an error, and the operator raises the limit.)
  virtual void on_dead_letter(std::uint64_t id, const std::optional<failure>& error) = 0;
};

struct dead_letters_options {
  std::string client_id = "tocsin";
  log_function log;
};

class dead_letters {
public:
  // Throws configuration_error. Raw properties of `kafka` apply (SASL, TLS).
  dead_letters(boost::asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& kafka,
               const config::dead_letter_settings& settings, dead_letter_handler& handler, dead_letters_options options = {});
  ~dead_letters();
  dead_letters(const dead_letters&) = delete;
  dead_letters& operator=(const dead_letters&) = delete;

  // Serves acknowledgements until close() is through.
  [[nodiscard]] boost::asio::awaitable<void> run();

  // Copies key, value and headers of `source`, which the caller may drop only after the acknowledgement. `now`: tocsin-time.
  // None: accepted, on_dead_letter(id) follows. A failure (buffer full, ...): nothing follows, send again later.
  [[nodiscard]] std::optional<failure> send(const record& source, const dead_letter_note& note, std::uint64_t id,
                                            std::chrono::system_clock::time_point now);

  [[nodiscard]] std::size_t outstanding() const noexcept;

  // Waits at most `bound` for acknowledgements, reports the rest as failed, ends run().
  [[nodiscard]] boost::asio::awaitable<void> close(std::chrono::milliseconds bound);

  void provoke_fatal_error(); // for tests

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tocsin::kafka
