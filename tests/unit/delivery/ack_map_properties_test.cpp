#include "delivery/ack_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace tocsin::delivery {
namespace {

// A map as a partition has it: unsettled runs from the committed offset on, settled ones between.
ack_map any_map() {
  const auto committed = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40U);
  const auto widest = *rc::gen::element<std::int64_t>(2, 10, 1000, std::int64_t{1} << 33U);
  const auto runs = *rc::gen::inRange(1, *rc::gen::element(3, 60, 3000));
  ack_map map{committed, committed, {}};
  for (int n = 0; n < runs; ++n) {
    const auto length = *rc::gen::inRange<std::int64_t>(1, 4);
    map.unsettled.push_back({map.horizon, map.horizon + length});
    map.horizon += length + *rc::gen::inRange<std::int64_t>(1, widest);
  }
  return map;
}

RC_GTEST_PROP(ack_map_properties, comes_back_as_it_went_or_is_not_written, ()) {
  const auto map = any_map();
  const auto text = encode(map);
  if (!text) return;
  RC_ASSERT(text->size() <= ack_map_limit);
  const auto back = decode(*text, map.committed);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->horizon == map.horizon);
  RC_ASSERT(back->unsettled == map.unsettled);
}

RC_GTEST_PROP(ack_map_properties, what_fits_never_says_more_than_the_whole, ()) {
  const auto map = any_map();
  auto cut = map;
  const auto text = encode_what_fits(cut);
  RC_ASSERT(text.size() <= ack_map_limit);
  if (text.empty()) return;
  const auto back = decode(text, map.committed);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->horizon <= map.horizon);
  for (const auto& run : map.unsettled)
    for (auto offset = run.first; offset < run.end; ++offset) RC_ASSERT(!back->settled(offset));
}

RC_GTEST_PROP(ack_map_properties, altered_text_is_ignored, ()) {
  const auto map = any_map();
  const auto text = encode(map);
  if (!text) return;
  auto altered = *text;
  const auto at = *rc::gen::inRange<std::size_t>(0, altered.size());
  altered[at] = *rc::gen::arbitrary<char>();
  const auto back = decode(altered, map.committed);
  // Nothing at all, or (the unused bits of the last character) exactly what was written.
  if (back) RC_ASSERT(back->horizon == map.horizon && back->unsettled == map.unsettled);
}

RC_GTEST_PROP(ack_map_properties, arbitrary_bytes_are_never_believed, ()) {
  const auto committed = *rc::gen::inRange<std::int64_t>(0, 1000);
  auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  if (*rc::gen::arbitrary<bool>()) text = "tocsin1:" + std::to_string(committed) + ":" + text;
  RC_ASSERT(!decode(text, committed));
}

} // namespace
} // namespace tocsin::delivery
