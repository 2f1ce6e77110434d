#include "exposition_checker.hpp"
#include "observe/process_metrics.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace tocsin::observe {
namespace {

test::exposition_content read(const process_metrics& from) {
  const prometheus::Collectable* const sources[]{&from};
  return test::check_exposition(render(sources, exposition::prometheus_text), exposition::prometheus_text);
}

TEST(process_metrics, has_the_standard_families) {
  const auto content = read(process_metrics());
  for (const char* name :
       {"process_cpu_seconds_total", "process_start_time_seconds", "process_threads", "process_open_fds", "process_max_fds",
        "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_virtual_memory_max_bytes"})
    EXPECT_EQ(content.samples.count(name), 1U) << name;
}

TEST(process_metrics, are_of_the_right_magnitude) {
  const auto samples = read(process_metrics()).samples;
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(samples.at("process_start_time_seconds"), now, 600);
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(samples.at("process_virtual_memory_bytes"), samples.at("process_resident_memory_bytes"));
  EXPECT_GE(samples.at("process_open_fds"), 3);
  EXPECT_GE(samples.at("process_threads"), 1);
  EXPECT_GE(samples.at("process_cpu_seconds_total"), 0);
}

TEST(process_metrics, an_open_file_is_counted_once) {
  const process_metrics metrics;
  const double before = read(metrics).samples.at("process_open_fds");
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/dev/null", "r"), &std::fclose);
  EXPECT_EQ(read(metrics).samples.at("process_open_fds"), before + 1);
}

TEST(process_metrics, leaves_out_what_proc_does_not_tell) {
  const auto samples = read(process_metrics("/nowhere")).samples;
  EXPECT_EQ(samples.count("process_resident_memory_bytes"), 0U);
  EXPECT_EQ(samples.count("process_open_fds"), 0U);
  EXPECT_EQ(samples.count("process_max_fds"), 1U);
}

} // namespace
} // namespace tocsin::observe
