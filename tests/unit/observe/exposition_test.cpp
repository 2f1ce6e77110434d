#include "exposition_checker.hpp"
#include "observe/exposition.hpp"
#include "observe/family.hpp"
#include "observe/metrics.hpp"

#include <gmock/gmock.h>

namespace tocsin::observe {
namespace {

struct fixed : prometheus::Collectable {
  std::vector<prometheus::MetricFamily> families;
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override { return families; }
};

inline constexpr std::array<std::int64_t, 3> test_bounds{500'000'000, 1'000'000'000, 5'000'000'000};
using test_histogram = histogram_cell<test_bounds>;

fixed some_of_each() {
  using namespace std::chrono_literals;
  fixed source;
  test_histogram cell;
  for (const auto duration : {100ms, 500ms, 501ms, 60'000ms}) cell.observe(duration);
  source.families.push_back(family::counter("x_events_total", "Events.").add({{"topic", "a\"b\\c\nd"}}, 3.0).take());
  source.families.push_back(family::histogram("x_wait_seconds", "A \"wait\".").add({{"loop", "relay"}}, cell).take());
  source.families.push_back(family::gauge("x_up", "Up.").add({}, 1.0).take());
  return source;
}

std::string rendered(const prometheus::Collectable& source, exposition format) {
  const prometheus::Collectable* const sources[]{&source};
  return render(sources, format);
}

TEST(exposition, openmetrics_is_what_its_specification_shows) {
  EXPECT_EQ(rendered(some_of_each(), exposition::openmetrics),
            "# TYPE x_events counter\n# HELP x_events Events.\nx_events_total{topic=\"a\\\"b\\\\c\\nd\"} 3\n"
            "# TYPE x_wait_seconds histogram\n# UNIT x_wait_seconds seconds\n# HELP x_wait_seconds A \\\"wait\\\".\n"
            "x_wait_seconds_bucket{loop=\"relay\",le=\"0.5\"} 2\nx_wait_seconds_bucket{loop=\"relay\",le=\"1.0\"} 3\n"
            "x_wait_seconds_bucket{loop=\"relay\",le=\"5.0\"} 3\nx_wait_seconds_bucket{loop=\"relay\",le=\"+Inf\"} 4\n"
            "x_wait_seconds_count{loop=\"relay\"} 4\nx_wait_seconds_sum{loop=\"relay\"} 61.101\n"
            "# TYPE x_up gauge\n# HELP x_up Up.\nx_up 1\n# EOF\n");
}

TEST(exposition, both_formats_pass_a_strict_reader) {
  for (const exposition format : {exposition::prometheus_text, exposition::openmetrics}) {
    const auto content = test::check_exposition(rendered(some_of_each(), format), format);
    EXPECT_EQ(content.samples.at(R"(x_events_total{topic="a\"b\\c\nd"})"), 3);
    EXPECT_EQ(content.samples.at(R"(x_wait_seconds_bucket{loop="relay",le="+Inf"})"), 4);
  }
}

TEST(exposition, families_of_several_sources_are_one_block) {
  fixed relay, admin;
  relay.families = {family::gauge("x", "X.").add({{"loop", "relay"}}, 1.0).take(), family::gauge("y", "Y.").add({}, 1.0).take()};
  admin.families = {family::gauge("x", "X.").add({{"loop", "admin"}}, 2.0).take()};
  const prometheus::Collectable* const sources[]{&relay, &admin};
  const auto content = test::check_exposition(render(sources, exposition::prometheus_text), exposition::prometheus_text);
  EXPECT_EQ(content.samples.at("x{loop=\"admin\"}"), 2);
  EXPECT_EQ(content.samples.size(), 3U);
}

TEST(exposition, the_accept_header_decides) {
  const auto is_openmetrics = [](std::string_view accept) { return exposition_for(accept) == exposition::openmetrics; };
  EXPECT_FALSE(is_openmetrics(""));
  EXPECT_FALSE(is_openmetrics("*/*"));
  EXPECT_FALSE(is_openmetrics("text/plain;version=0.0.4"));
  EXPECT_FALSE(is_openmetrics("application/openmetrics-text;q=0"));
  EXPECT_FALSE(is_openmetrics("application/openmetrics-text;q=0.3, text/plain;q=0.8"));
  EXPECT_FALSE(is_openmetrics("application/openmetrics-text; q=abc"));
  EXPECT_TRUE(is_openmetrics("application/openmetrics-text"));
  EXPECT_TRUE(is_openmetrics("Application/OpenMetrics-Text; version=1.0.0"));
  // What Prometheus 2.42 sends.
  EXPECT_TRUE(is_openmetrics("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                             "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
}

TEST(exposition, a_duration_on_a_bound_belongs_to_the_bound) {
  test_histogram cell;
  cell.observe(std::chrono::nanoseconds(500'000'000));
  cell.observe(std::chrono::nanoseconds(500'000'001));
  cell.observe(std::chrono::nanoseconds(-7));
  EXPECT_EQ(cell.count(0), 2U);
  EXPECT_EQ(cell.count(1), 1U);
  EXPECT_DOUBLE_EQ(cell.sum_seconds(), 1.000000001);
}

// The same by looking at each bound, for values around every bound and every power of two.
TEST(exposition, every_duration_finds_its_bucket) {
  std::vector<std::int64_t> values{0, 1, std::numeric_limits<std::int64_t>::max()};
  for (int bit = 1; bit < 63; ++bit)
    for (const int near : {-1, 0, 1}) values.push_back((std::int64_t{1} << bit) + near);
  for (const std::int64_t bound : bounds::age)
    for (const int near : {-1, 0, 1}) values.push_back(bound + near);
  for (const std::int64_t value : values) {
    histogram_cell<bounds::age> cell;
    cell.observe(std::chrono::nanoseconds(value));
    const auto wanted = std::ranges::count_if(bounds::age, [&](std::int64_t bound) { return value > bound; });
    EXPECT_EQ(cell.count(static_cast<std::size_t>(wanted)), 1U) << value;
  }
}

} // namespace
} // namespace tocsin::observe
