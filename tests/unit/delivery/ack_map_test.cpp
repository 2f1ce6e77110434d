#include "delivery/ack_map.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tocsin::delivery {
namespace {

ack_map round_trip(const ack_map& map) {
  const auto text = encode(map);
  if (!text) return {};
  return decode(*text, map.committed).value_or(ack_map{});
}

TEST(ack_map_test, tells_settled_from_unsettled_offsets) {
  const ack_map map{10, 20, {{10, 11}, {15, 17}}};
  EXPECT_FALSE(map.settled(9)); // not spoken of
  EXPECT_FALSE(map.settled(10));
  EXPECT_TRUE(map.settled(11));
  EXPECT_TRUE(map.settled(14));
  EXPECT_FALSE(map.settled(15));
  EXPECT_FALSE(map.settled(16));
  EXPECT_TRUE(map.settled(17));
  EXPECT_TRUE(map.settled(19));
  EXPECT_FALSE(map.settled(20)); // the horizon was not received
}

TEST(ack_map_test, comes_back_as_it_went) {
  const ack_map map{1'000'000, 1'005'000, {{1'000'000, 1'000'001}, {1'004'000, 1'004'007}, {1'004'998, 1'004'999}}};
  const auto back = round_trip(map);
  EXPECT_EQ(back.committed, map.committed);
  EXPECT_EQ(back.horizon, map.horizon);
  EXPECT_EQ(back.unsettled, map.unsettled);
}

TEST(ack_map_test, one_slow_key_behind_a_window_of_thousands_costs_a_few_bytes) {
  const auto text = encode({5, 100'005, {{5, 6}}});
  ASSERT_TRUE(text);
  EXPECT_LT(text->size(), 40U);
}

TEST(ack_map_test, a_full_window_of_scattered_events_fits) {
  ack_map map{0, 8192, {}};
  for (std::int64_t offset = 0; offset < 8192; offset += 2) map.unsettled.push_back({offset, offset + 1});
  const auto text = encode(map);
  ASSERT_TRUE(text);
  EXPECT_EQ(decode(*text, 0)->unsettled, map.unsettled);
}

TEST(ack_map_test, is_not_believed_beside_another_offset) {
  const auto text = encode({10, 20, {{10, 11}}});
  EXPECT_TRUE(decode(*text, 10));
  EXPECT_FALSE(decode(*text, 9));
  EXPECT_FALSE(decode(*text, 11));
  EXPECT_FALSE(decode(*text, -1));
}

TEST(ack_map_test, is_not_believed_where_it_was_cut) {
  ack_map map{0, 200, {}};
  for (std::int64_t offset = 0; offset < 200; offset += 3) map.unsettled.push_back({offset, offset + 1});
  const auto text = *encode(map);
  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(decode(text.substr(0, length), 0)) << length;
}

TEST(ack_map_test, is_not_believed_where_a_character_was_altered) {
  const auto text = *encode({0, 200, {{0, 1}, {70, 81}, {150, 152}}});
  for (std::size_t at = 0; at + 1 < text.size(); ++at) { // the last one has unused bits
    auto altered = text;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(decode(altered, 0)) << altered;
  }
}

TEST(ack_map_test, of_another_version_or_another_program_is_ignored) {
  EXPECT_FALSE(decode("", 0));
  EXPECT_FALSE(decode("tocsin1:", 0));
  EXPECT_FALSE(decode("tocsin1:0", 0));
  EXPECT_FALSE(decode("tocsin1:0:", 0));
  EXPECT_FALSE(decode("tocsin2:0:AAAA", 0));
  EXPECT_FALSE(decode("1:bAAA", 0)); // another relay's
  EXPECT_FALSE(decode("tocsin1:99999999999999999999:AAAA", 0));
  EXPECT_FALSE(decode(std::string(100'000, 'A'), 0));
}

TEST(ack_map_test, at_the_end_of_all_offsets_is_read_without_overflow) {
  const auto last = std::numeric_limits<std::int64_t>::max();
  const ack_map map{last - 10, last, {{last - 10, last - 9}, {last - 3, last - 2}}};
  EXPECT_EQ(round_trip(map).unsettled, map.unsettled);
}

TEST(ack_map_test, that_does_not_fit_says_what_lies_lowest) {
  ack_map map{0, 0, {}};
  for (std::int64_t n = 0; n < 4000; ++n) map.unsettled.push_back({n * 1'000'000, n * 1'000'000 + 1});
  map.horizon = 4000 * 1'000'000LL;
  EXPECT_FALSE(encode(map));
  auto cut = map;
  const auto text = encode_what_fits(cut);
  EXPECT_LE(text.size(), ack_map_limit);
  EXPECT_LT(cut.horizon, map.horizon);
  const auto read = decode(text, 0);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->horizon, cut.horizon);
  EXPECT_GT(read->unsettled.size(), 300U);
  for (std::size_t n = 0; n < read->unsettled.size(); ++n) EXPECT_EQ(read->unsettled[n], map.unsettled[n]);
  EXPECT_FALSE(read->settled(map.horizon - 1));
}

} // namespace
} // namespace tocsin::delivery
