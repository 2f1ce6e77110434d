// What each kind of thread of a running process has used of the processor.
#pragma once

#include <map>
#include <string>
#include <sys/types.h>

namespace tocsin::bench {

struct cpu_time {
  double user = 0, system = 0; // seconds
};

// By the thread's name; librdkafka's threads together as "librdkafka".
[[nodiscard]] std::map<std::string, cpu_time> cpu_by_thread(pid_t pid);

} // namespace tocsin::bench
