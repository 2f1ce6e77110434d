#include "threads.hpp"

#include "support/process.hpp"

#include <filesystem>
#include <sstream>
#include <unistd.h>

namespace tocsin::bench {

std::map<std::string, cpu_time> cpu_by_thread(pid_t pid) {
  std::map<std::string, cpu_time> all;
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    const auto stat = support::read_file(thread.path() / "stat");
    const auto open = stat.find('('), close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos) continue;
    auto name = stat.substr(open + 1, close - open - 1);
    if (name.starts_with("rdk:")) name = "librdkafka";
    std::istringstream fields(stat.substr(close + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    all[name].user += user / tick;
    all[name].system += system / tick;
  }
  return all;
}

machine_time time_of_machine() {
  std::istringstream fields(support::read_file("/proc/stat"));
  std::string name;
  fields >> name; // then user nice system idle iowait irq softirq steal; what follows is counted in user
  machine_time found;
  double ticks = 0;
  for (int i = 0; i < 8 && fields >> ticks; ++i) {
    found.all += ticks;
    if (i == 7) found.stolen = ticks;
  }
  return found;
}

double percent_stolen(const machine_time& since) {
  const auto now = time_of_machine();
  return now.all > since.all ? (now.stolen - since.stolen) / (now.all - since.all) * 100 : 0;
}

} // namespace tocsin::bench
