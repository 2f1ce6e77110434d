#include "observe/log_sink.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace tocsin::observe::log {
namespace {

using steady = std::chrono::steady_clock;

// A pipe that poll() calls writable takes this much without blocking (POSIX PIPE_BUF on Linux), and in one piece.
constexpr std::size_t chunk = 4096;
// How long a wait lasts before the deadline is looked at again.
constexpr int poll_ms = 20;

} // namespace

descriptor_sink::descriptor_sink(int descriptor, line_style style, std::function<std::uint64_t()> overrun)
    : descriptor_(descriptor), style_(style), overrun_(std::move(overrun)) {}

void descriptor_sink::log(const spdlog::details::log_msg& message) {
  report_dropped();
  if (!write_line({message.payload.data(), message.payload.size()})) lost_.fetch_add(1, std::memory_order_relaxed);
}

void descriptor_sink::end_by(steady::time_point deadline) noexcept {
  deadline_.store(deadline.time_since_epoch().count(), std::memory_order_relaxed);
}

bool descriptor_sink::wait_flushed(steady::time_point deadline) noexcept { return flushed_.try_acquire_until(deadline); }

void descriptor_sink::report_dropped() {
  const auto dropped = overrun_() + lost();
  if (dropped == reported_) return;
  const std::array lines{field("lines", dropped - reported_)}; // outlives the line, which only looks at it
  const line report{.time = std::chrono::system_clock::now(),
                    .level = log_level::warning,
                    .audit = false,
                    .message = "log lines were dropped because standard error did not take them in time",
                    .fields = std::span<const field>(lines)};
  if (write_line(render(report, style_))) reported_ = dropped;
}

bool descriptor_sink::wait_writable() const noexcept {
  for (;;) {
    const auto left = steady::duration(deadline_.load(std::memory_order_relaxed)) - steady::now().time_since_epoch();
    pollfd ready{descriptor_, POLLOUT, 0};
    const auto result = ::poll(&ready, 1, left > steady::duration::zero() ? poll_ms : 0);
    if (result > 0) return (ready.revents & POLLOUT) != 0;
    if (result < 0 && errno != EINTR) return false;
    if (left <= steady::duration::zero()) return false;
  }
}

bool descriptor_sink::write_line(std::string_view text) noexcept {
  while (!text.empty()) {
    if (!wait_writable()) return false;
    const auto written = ::write(descriptor_, text.data(), std::min(text.size(), chunk));
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR && errno != EAGAIN)
      return false; // EPIPE and the like: nobody reads any more
  }
  return true;
}

} // namespace tocsin::observe::log
