#include "observe/log.hpp"

#include "observe/log_line.hpp"
#include "observe/log_sink.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <unistd.h>
#include <vector>

namespace tocsin::observe::log {
namespace {

constexpr std::array<std::string_view, level_count> level_names = {"trace", "debug", "info", "warning", "error"};

constexpr std::size_t index_of(log_level level) noexcept { return static_cast<std::size_t>(level); }

std::atomic<log_level> current_level{log_level::info};
std::array<std::atomic<std::uint64_t>, level_count> level_counts{};

struct running {
  line_style style;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<descriptor_sink> sink;
  std::shared_ptr<spdlog::async_logger> logger;

  running(const options& o, line_style s)
      : style(s),
        pool(std::make_shared<spdlog::details::thread_pool>(o.queue, 1)),
        sink(std::make_shared<descriptor_sink>(o.descriptor, s,
                                               [p = std::weak_ptr(pool)] {
                                                 const auto alive = p.lock();
                                                 return alive ? std::uint64_t{alive->overrun_counter()} : 0;
                                               })),
        logger(std::make_shared<spdlog::async_logger>("tocsin", sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_level(spdlog::level::trace);
  }

  [[nodiscard]] std::uint64_t dropped() const { return pool->overrun_counter() + sink->lost(); }
};

// What runs now; null: nothing. Ended ones are kept, because another thread may be in the middle of a line.
std::atomic<running*> current{nullptr};
std::atomic<std::uint64_t> dropped_before{0};

std::vector<std::unique_ptr<running>>& ended() {
  static std::vector<std::unique_ptr<running>> list;
  return list;
}

line_style style_for(const options& o) {
  const bool terminal = ::isatty(o.descriptor) == 1;
  if (o.format == log_format::json || (o.format == log_format::automatic && !terminal)) return line_style::json;
  return terminal && std::getenv("NO_COLOR") == nullptr ? line_style::coloured_text : line_style::text;
}

} // namespace

namespace detail {

bool enabled(log_level level) noexcept { return level >= current_level.load(std::memory_order_relaxed); }

void write(log_level level, bool audit, std::string_view message, log::fields fields) {
  level_counts[index_of(level)].fetch_add(1, std::memory_order_relaxed);
  auto* const now = current.load(std::memory_order_acquire);
  if (now == nullptr) return;
  const auto text = render({std::chrono::system_clock::now(), level, audit, message, fields}, now->style);
  now->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

} // namespace detail

log_level level() noexcept { return current_level.load(std::memory_order_relaxed); }
void set_level(log_level level) noexcept { current_level.store(level, std::memory_order_relaxed); }
std::string_view to_string(log_level level) noexcept { return level_names[index_of(level)]; }

std::optional<log_level> level_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == name) return static_cast<log_level>(i);
  return std::nullopt;
}

std::array<std::uint64_t, level_count> counts() noexcept {
  std::array<std::uint64_t, level_count> result{};
  for (std::size_t i = 0; i < level_count; ++i) result[i] = level_counts[i].load(std::memory_order_relaxed);
  return result;
}

std::uint64_t dropped() noexcept {
  const auto* const now = current.load(std::memory_order_acquire);
  return dropped_before.load(std::memory_order_relaxed) + (now != nullptr ? now->dropped() : 0);
}

void start(const options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  set_level(options.level);
  ended(); // constructed before, so destroyed after, whatever is registered from here on
  stop();
  current.store(std::make_unique<running>(options, style_for(options)).release(), std::memory_order_release);
}

void stop(std::chrono::milliseconds bound) noexcept {
  std::unique_ptr<running> last(current.exchange(nullptr, std::memory_order_acq_rel));
  if (!last) return;
  const auto deadline = std::chrono::steady_clock::now() + bound;
  last->sink->end_by(deadline);
  last->logger->flush(); // queued behind what waits
  // After the deadline the sink drops what is left without waiting; a moment more is enough unless write() itself hangs.
  const bool flushed = last->sink->wait_flushed(deadline + std::chrono::milliseconds(200));
  dropped_before.fetch_add(last->dropped(), std::memory_order_relaxed);
  auto& kept = ended().emplace_back(std::move(last));
  if (!flushed) static_cast<void>(kept.release()); // joining its thread might never end
}

std::optional<std::uint64_t> occasionally::due(clock::time_point now) noexcept {
  if (last_ && now - *last_ < every_) {
    ++suppressed_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(suppressed_, 0);
}

} // namespace tocsin::observe::log
