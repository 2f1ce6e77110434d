// A child process of a test: its output, its signals, its end. One thread may use an object; the output is read by a thread of
// its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace tocsin::support {

using namespace std::chrono_literals;

// How a process ended.
struct ended {
  int code = -1;  // exit code; -1: ended by a signal
  int signal = 0; // 0: by itself
};

struct process_options {
  std::vector<std::string> environment; // NAME=value, beside the test's own
  std::filesystem::path directory;      // empty: the test's own
  std::string input;                    // what it reads on stdin, then the end of it
};

class process {
public:
  // Starts argv[0] (a path, or a name looked up in PATH). The child is killed when the test program ends, however it ends.
  explicit process(std::vector<std::string> argv, process_options options = {});
  ~process(); // kills what still runs
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept;
  void send(int signal) const;

  // The end, waited for at most this long; none: it still runs. After the end, all output is there.
  [[nodiscard]] std::optional<ended> wait(std::chrono::milliseconds limit);

  // True once stdout and stderr together hold the text.
  [[nodiscard]] bool wait_for_output(std::string_view text, std::chrono::milliseconds limit);
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

  // User and system time so far, of a running process.
  [[nodiscard]] double cpu_seconds() const;
  // Largest resident set so far, of a running process.
  [[nodiscard]] std::size_t peak_resident_kib() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

// Runs it to its end; a process that outlives the limit is killed and has code -1.
struct run_result {
  ended end;
  std::string out, err;
};
[[nodiscard]] run_result run(std::vector<std::string> argv, std::chrono::milliseconds limit = 60s, process_options options = {});

// A directory that is removed with its content when the object goes.
class temporary_directory {
public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

// A TCP port of 127.0.0.1 that nobody listens on now.
[[nodiscard]] std::uint16_t free_port();

void write_file(const std::filesystem::path& file, std::string_view content);
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

} // namespace tocsin::support
