#include "decision.hpp"

namespace tocsin::simulation {

std::string_view name_of(action what) noexcept {
  static constexpr std::array<std::string_view, action_count> names = {"produce",
                                                                       "poll",
                                                                       "repeat",
                                                                       "start",
                                                                       "send",
                                                                       "finish",
                                                                       "connect_fails",
                                                                       "hand_over",
                                                                       "end_dead_letter",
                                                                       "advance",
                                                                       "begin_commit",
                                                                       "end_commit",
                                                                       "revoke",
                                                                       "proceed",
                                                                       "lose",
                                                                       "give",
                                                                       "elsewhere",
                                                                       "seek",
                                                                       "reset_offset",
                                                                       "pause",
                                                                       "hold",
                                                                       "endpoint_mode",
                                                                       "dead_letter_mode",
                                                                       "delete_records",
                                                                       "crash",
                                                                       "shut_down",
                                                                       "make_anew",
                                                                       "cut"};
  return names[static_cast<std::size_t>(what)];
}

decision_stream::decision_stream(const weights& each, std::uint64_t seed) : random_(seed) {
  table_.fill(action::advance);
  std::size_t at = 0;
  for (std::size_t what = 0; what < action_count; ++what)
    for (unsigned n = 0; n < each[what] && at < table_.size(); ++n) table_[at++] = static_cast<action>(what);
}

decision decision_stream::next() noexcept {
  const auto chance = random_.next();
  const auto both = random_.next();
  return {table_[chance % table_.size()], static_cast<std::uint32_t>(both), static_cast<std::uint32_t>(both >> 32U)};
}

} // namespace tocsin::simulation
