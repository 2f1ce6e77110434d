// The log: one line on standard error for each thing understood, with the fields that find the event again; never a payload, a
// token or a header's value. Lines are JSON, or text on a terminal.
//
// Every function here may be called from any thread and never waits: lines pass a bounded queue to a writing thread. Where
// standard error cannot take them (a blocked pipe, a closed one), the oldest waiting lines are dropped and counted, and the next
// line that gets through is preceded by one that says how many. Before start() and after stop() lines are counted and not
// written.
#pragma once

#include "config/settings.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace tocsin::observe::log {

using config::log_format;
using config::log_level;

// A named value on a line. Text is copied by the call that takes the field, not by the field. Text longer than 1,000 bytes is cut
// and ends in "…"; bytes that are no UTF-8 become U+FFFD; control characters are escaped, so that a value never starts a line of
// its own.
class field {
public:
  using value_type = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string_view>;

  field(std::string_view name, bool value) noexcept : name_(name), value_(value) {}
  field(std::string_view name, std::signed_integral auto value) noexcept : name_(name), value_(std::int64_t{value}) {}
  field(std::string_view name, std::unsigned_integral auto value) noexcept : name_(name), value_(std::uint64_t{value}) {}
  field(std::string_view name, double value) noexcept : name_(name), value_(value) {}
  field(std::string_view name, const char* value) noexcept : name_(name), value_(std::string_view(value)) {}
  field(std::string_view name, std::string_view value) noexcept : name_(name), value_(value) {}
  field(std::string_view name, const std::string& value) noexcept : name_(name), value_(std::string_view(value)) {}
  template <class T>
  field(std::string_view name, const std::optional<T>& value) noexcept : name_(name), value_(nullptr) {
    if (value) *this = field(name, *value);
  }
  template <class Rep, class Period> // in seconds: name it so, e.g. "wait_seconds"
  field(std::string_view name, std::chrono::duration<Rep, Period> value) noexcept
      : name_(name), value_(std::chrono::duration<double>(value).count()) {}

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] const value_type& value() const noexcept { return value_; }

private:
  std::string_view name_;
  value_type value_;
};

// The fields of a line: `{{"topic", topic}, {"partition", 3}}`, or any array of them. A view, for the duration of the call.
class fields {
public:
  fields() noexcept = default;
  fields(std::initializer_list<field> list) noexcept : fields_(list.begin(), list.size()) {}
  fields(std::span<const field> list) noexcept : fields_(list) {}

  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }

private:
  std::span<const field> fields_;
};

namespace detail {
bool enabled(log_level level) noexcept;
void write(log_level level, bool audit, std::string_view message, fields fields);
} // namespace detail

// Whether a line of this level would be written; for work that only a line needs.
[[nodiscard]] inline bool enabled(log_level level) noexcept { return detail::enabled(level); }

// `message` is a constant phrase in lower case without the values: "partition assigned", {{"topic", topic}, {"partition", 3}}.
inline void write(log_level level, std::string_view message, fields f = {}) {
  if (detail::enabled(level)) detail::write(level, false, message, f);
}
inline void trace(std::string_view message, fields f = {}) { write(log_level::trace, message, f); }
inline void debug(std::string_view message, fields f = {}) { write(log_level::debug, message, f); }
inline void info(std::string_view message, fields f = {}) { write(log_level::info, message, f); }
inline void warning(std::string_view message, fields f = {}) { write(log_level::warning, message, f); }
inline void error(std::string_view message, fields f = {}) { write(log_level::error, message, f); }

// A record of what an operator changed or was refused: level info with "audit": true, written whatever the level is.
inline void audit(std::string_view message, fields f = {}) { detail::write(log_level::info, true, message, f); }

[[nodiscard]] log_level level() noexcept;
void set_level(log_level level) noexcept;                           // takes effect with the next line
[[nodiscard]] std::string_view to_string(log_level level) noexcept; // trace, debug, info, warning, error
[[nodiscard]] std::optional<log_level> level_from(std::string_view name) noexcept;

// Lines written or queued so far, by level (index: the enum's value), and lines dropped because they could not be written in
// time.
inline constexpr std::size_t level_count = 5;
[[nodiscard]] std::array<std::uint64_t, level_count> counts() noexcept;
[[nodiscard]] std::uint64_t dropped() noexcept;

struct options {
  log_level level = log_level::info;
  log_format format = log_format::automatic; // automatic: text where `descriptor` is a terminal, JSON elsewhere
  int descriptor = 2;                        // stays open for as long as the log runs; not closed by it
  std::size_t queue = 4096;                  // lines waiting for the writing thread
};

// Starts the writing thread and makes the process ignore SIGPIPE. Once per process (tests may start again after stop()).
void start(const options& options);

// Writes what is waiting, for at most `bound`, and ends the log. A writing thread that hangs in the operating system is left
// behind.
void stop(std::chrono::milliseconds bound = std::chrono::seconds(1)) noexcept;

// Starts the log for a scope, as main does.
class session {
public:
  explicit session(const options& options) { start(options); }
  ~session() { stop(); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;
};

// Keeps a message on a hot path from filling the log: the first call is due, then one in every `every`, which is told how many
// were not.
//   if (const auto suppressed = limiter.due(now)) log::warning("event refused", {{"offset", o}, {"suppressed", *suppressed}});
// One thread at a time.
class occasionally {
public:
  using clock = std::chrono::steady_clock;
  explicit occasionally(clock::duration every = std::chrono::seconds(10)) noexcept : every_(every) {}

  // The number of calls since the last one that was due, where this one is.
  [[nodiscard]] std::optional<std::uint64_t> due(clock::time_point now) noexcept;

private:
  clock::duration every_;
  std::optional<clock::time_point> last_;
  std::uint64_t suppressed_ = 0;
};

} // namespace tocsin::observe::log

namespace tocsin {
namespace log = observe::log;
}
