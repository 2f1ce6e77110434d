#include "kafka.hpp"

#include <algorithm>
#include <span>

namespace tocsin::simulation {

std::uint32_t partition::find(std::int64_t offset) const noexcept {
  const auto found =
      std::lower_bound(log.begin() + base, log.end(), offset, [](const record& r, std::int64_t o) { return r.offset < o; });
  return static_cast<std::uint32_t>(found - log.begin());
}

void partition::append(const options& drawn, unsigned name, std::uint64_t chance) {
  delivery::random_source random(chance);
  const auto below = [&random](std::uint64_t limit) { return static_cast<std::uint32_t>(random.next() % limit); };
  record made;
  made.offset = next_offset + (drawn.largest_gap > 1 && below(2) == 0 ? below(drawn.largest_gap) : 0);
  next_offset = made.offset + 1;
  made.bytes = 1 + below(drawn.largest_event);
  const auto kind = below(64);
  if (kind < drawn.refused) {
    made.kind = record_kind::refused;
  } else if (kind < drawn.refused + drawn.skipped) {
    made.kind = record_kind::skipped;
  } else if (kind < drawn.refused + drawn.skipped + drawn.rejected) {
    made.kind = record_kind::rejected;
  }
  const bool in_a_lane = made.kind == record_kind::plain || made.kind == record_kind::rejected;
  if (in_a_lane && below(16) >= drawn.keyless) {
    const auto own = below(drawn.keys);
    made.key = drawn.keys_shared ? own : name * drawn.keys + own;
    if (last_of_key.size() <= made.key) last_of_key.resize(made.key + 1, nothing);
    made.previous = std::exchange(last_of_key[made.key], size());
  }
  made.done = misled && made.offset >= misled_from && misled->settled(made.offset);
  log.push_back(made);
}

rearrangement partition::cut(std::uint32_t at, std::int64_t to) {
  const rearrangement moved{base, at, size()};
  for (auto& one : std::span(log).subspan(at)) one.gone = one.gone || !one.live;
  std::rotate(log.begin() + base, log.begin() + at, log.end());
  for (auto& one : log) one.previous = moved(one.previous);
  for (auto& last : last_of_key) last = moved(last);
  base += moved.end - moved.at;
  next_offset = to;
  if (stored) stored->cut_at = std::min(to, stored->cut_at.value_or(to));
  misled.reset();
  return moved;
}

} // namespace tocsin::simulation
