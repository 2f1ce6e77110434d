// The writing end of the log: a spdlog sink on a file descriptor that may be blocked or closed at any time.
#pragma once

#include "observe/log_line.hpp"

#include <spdlog/sinks/sink.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <semaphore>

namespace tocsin::observe::log {

// Waits for the descriptor to take bytes instead of blocking in write(), so that end_by() can end the wait from outside.
// The spdlog worker thread calls log() and flush(); any thread the rest.
class descriptor_sink final : public spdlog::sinks::sink {
public:
  // `overrun` says how many lines the queue has dropped so far; a line of this style reports what it adds.
  descriptor_sink(int descriptor, line_style style, std::function<std::uint64_t()> overrun);

  void log(const spdlog::details::log_msg& message) override;
  void flush() override { flushed_.release(); }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  // From this time on nothing waits any more; what cannot be written at once is dropped.
  void end_by(std::chrono::steady_clock::time_point deadline) noexcept;

  // Waits for one flush() until `deadline`.
  [[nodiscard]] bool wait_flushed(std::chrono::steady_clock::time_point deadline) noexcept;

  // Lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

private:
  bool write_line(std::string_view text) noexcept;
  bool wait_writable() const noexcept;
  void report_dropped();

  const int descriptor_;
  const line_style style_;
  const std::function<std::uint64_t()> overrun_;
  std::uint64_t reported_ = 0;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::chrono::steady_clock::rep> deadline_{std::chrono::steady_clock::time_point::max().time_since_epoch().count()};
  std::binary_semaphore flushed_{0};
};

} // namespace tocsin::observe::log
