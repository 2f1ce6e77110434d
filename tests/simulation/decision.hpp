// What may happen next in the simulated world, and the stream of it that a seed gives. The stream does not depend on what the
// engine does, so that a failing run can be shortened by leaving decisions out: one that makes no sense where it stands does
// nothing.
#pragma once

#include "delivery/clock.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tocsin::simulation {

enum class action : std::uint8_t {
  produce,         // records are appended to a partition
  poll,            // the relay takes records of a partition
  repeat,          // the client library hands out a record again
  start,           // connections ask for attempts
  send,            // an attempt that was handed out is sent, or given back
  finish,          // an attempt ends
  connect_fails,   // a connection cannot be opened
  hand_over,       // dead letters go to the producer
  end_dead_letter, // one of them is written, fails or is deferred
  advance,         // time passes
  begin_commit,
  end_commit,       // the broker stores it, or not, and the relay hears of it, or not yet
  revoke,           // a partition is to be handed back
  proceed,          // the handing back goes on: drained? committed? released
  lose,             // a partition is gone
  give,             // a partition is assigned
  elsewhere,        // another member works on a partition
  seek,             // an operator's rewind
  reset_offset,     // a tool moves a committed offset while nobody has the partition
  pause,            // or resume
  hold,             // or release
  endpoint_mode,    // the endpoint behaves differently from now on
  dead_letter_mode, // so does the dead-letter topic
  delete_records,   // compaction or retention
  crash,            // kill -9
  shut_down,        // SIGTERM
  make_anew,        // a topic is deleted and made anew: another log under the same name
  cut,              // an unclean leader election: the end of a log is gone, and other records come in its place
  count_
};

inline constexpr std::size_t action_count = static_cast<std::size_t>(action::count_);
[[nodiscard]] std::string_view name_of(action) noexcept;

struct decision {
  action what = action::advance;
  std::uint32_t a = 0, b = 0; // which and how; read modulo what there is
};

// How often each action comes, of 1,024.
using weights = std::array<std::uint16_t, action_count>;

class decision_stream {
public:
  decision_stream(const weights&, std::uint64_t seed);
  decision next() noexcept;

private:
  std::array<action, 1024> table_{};
  delivery::random_source random_;
};

} // namespace tocsin::simulation
