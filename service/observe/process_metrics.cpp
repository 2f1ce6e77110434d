#include "observe/process_metrics.hpp"

#include "observe/family.hpp"

#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace tocsin::observe {
namespace {

// Of /proc/self/stat (proc_pid_stat(5)), the fields from the third on: the second is a name with anything in it.
std::optional<std::vector<std::string>> stat_fields(const std::filesystem::path& proc) {
  std::ifstream file(proc / "self" / "stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_end + 1));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  if (fields.size() < 22) return std::nullopt;
  return fields;
}

double field(const std::vector<std::string>& fields, std::size_t number) { return std::stod(fields[number - 3]); }

// When the machine started, in Unix time.
std::optional<double> boot_time(const std::filesystem::path& proc) {
  std::ifstream file(proc / "stat");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return std::nullopt;
}

std::optional<double> open_files(const std::filesystem::path& proc) {
  std::error_code error;
  std::filesystem::directory_iterator entries(proc / "self" / "fd", error);
  if (error) return std::nullopt;
  // The iterator's own descriptor is among them.
  return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

std::optional<double> limit(__rlimit_resource_t resource) {
  rlimit value{};
  if (getrlimit(resource, &value) != 0) return std::nullopt;
  return value.rlim_cur == RLIM_INFINITY ? -1.0 : static_cast<double>(value.rlim_cur);
}

} // namespace

process_metrics::process_metrics(std::filesystem::path proc) : proc_(std::move(proc)) {}

std::vector<prometheus::MetricFamily> process_metrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](family of, std::optional<double> value) {
    if (value) families.push_back(of.add({}, *value).take());
  };
  if (const auto stat = stat_fields(proc_)) {
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
    const auto boot = boot_time(proc_);
    add(family::counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds."),
        (field(*stat, 14) + field(*stat, 15)) / ticks);
    add(family::gauge("process_start_time_seconds", "Start of the process, in Unix time."),
        boot ? std::optional(*boot + field(*stat, 22) / ticks) : std::nullopt);
    add(family::gauge("process_threads", "Threads of the process."), field(*stat, 20));
    add(family::gauge("process_virtual_memory_bytes", "Virtual memory, in bytes."), field(*stat, 23));
    add(family::gauge("process_resident_memory_bytes", "Resident memory, in bytes."), field(*stat, 24) * page);
  }
  add(family::gauge("process_virtual_memory_max_bytes", "Limit of virtual memory, in bytes; -1: none."), limit(RLIMIT_AS));
  add(family::gauge("process_open_fds", "Open file descriptors."), open_files(proc_));
  add(family::gauge("process_max_fds", "Limit of open file descriptors."), limit(RLIMIT_NOFILE));
  return families;
}

} // namespace tocsin::observe
