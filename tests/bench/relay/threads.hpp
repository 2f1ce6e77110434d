// What each kind of thread of a running process has used of the processor, and what the machine did not get of its own.
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

// Of all the processors since the machine began, in ticks. `stolen`: a virtual machine wanted to run, and its host ran others.
struct machine_time {
  double all = 0, stolen = 0;
};
[[nodiscard]] machine_time time_of_machine();
[[nodiscard]] double percent_stolen(const machine_time& since);

} // namespace tocsin::bench
