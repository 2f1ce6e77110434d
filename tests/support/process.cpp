#include "support/process.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tocsin::support {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::pair<int, int> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {ends[0], ends[1]};
}

} // namespace

struct process::state {
  pid_t pid = -1;
  std::optional<ended> end;
  std::jthread reader, writer;
  std::mutex mutex;
  std::condition_variable changed;
  std::string out, err;
  bool closed = false; // both pipes have reached their end

  void read(const std::stop_token& stop, int out_end, int err_end) {
    std::array<pollfd, 2> ends{{{out_end, POLLIN, 0}, {err_end, POLLIN, 0}}};
    std::array<char, 65536> buffer{};
    // A grandchild may hold the pipes open; nobody waits for it.
    while (!stop.stop_requested() && (ends[0].fd >= 0 || ends[1].fd >= 0)) {
      if (::poll(ends.data(), ends.size(), 100) < 0 && errno != EINTR) break;
      for (std::size_t i = 0; i < ends.size(); ++i) {
        if (ends[i].fd < 0 || ends[i].revents == 0) continue;
        const auto count = ::read(ends[i].fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        const std::lock_guard lock(mutex);
        if (count > 0) {
          (i == 0 ? out : err).append(buffer.data(), static_cast<std::size_t>(count));
        } else {
          ::close(ends[i].fd);
          ends[i].fd = -1;
        }
        changed.notify_all();
      }
    }
    for (const auto& open : ends)
      if (open.fd >= 0) ::close(open.fd);
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  }
};

process::process(std::vector<std::string> argv, process_options options) : state_(std::make_unique<state>()) {
  const auto [in_read, in_write] = make_pipe();
  const auto [out_read, out_write] = make_pipe();
  const auto [err_read, err_write] = make_pipe();
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (auto& argument : argv) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  std::signal(SIGPIPE, SIG_IGN); // a child that does not read its input
  const auto parent = ::getpid();
  state_->pid = ::fork();
  if (state_->pid < 0) fail("fork");
  if (state_->pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_DFL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(in_read, STDIN_FILENO);
    ::dup2(out_write, STDOUT_FILENO);
    ::dup2(err_write, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0); // a test's listening socket, inherited, would go on listening
    for (auto& variable : options.environment) ::putenv(variable.data());
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(in_read);
  ::close(out_write);
  ::close(err_write);
  state_->reader = std::jthread([s = state_.get(), out_end = out_read, err_end = err_read](const std::stop_token& stop) {
    s->read(stop, out_end, err_end);
  });
  state_->writer = std::jthread([end = in_write, input = std::move(options.input)] {
    std::size_t written = 0;
    while (written < input.size()) {
      const auto count = ::write(end, input.data() + written, input.size() - written);
      if (count <= 0) break; // it has ended, or does not want to know
      written += static_cast<std::size_t>(count);
    }
    ::close(end);
  });
}

process::~process() {
  if (!state_->end) {
    ::kill(state_->pid, SIGKILL);
    (void)wait(10s);
  }
}

pid_t process::pid() const noexcept { return state_->pid; }

void process::send(int signal) const {
  if (!state_->end) ::kill(state_->pid, signal);
}

std::optional<ended> process::wait(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!state_->end) {
    int status = 0;
    const auto pid = ::waitpid(state_->pid, &status, WNOHANG);
    if (pid == state_->pid) {
      state_->end = WIFEXITED(status) ? ended{WEXITSTATUS(status), 0} : ended{-1, WTERMSIG(status)};
    } else if (std::chrono::steady_clock::now() >= deadline) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(2ms);
    }
  }
  // A grandchild may hold the pipes open for longer; what it says is not waited for.
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, 1s, [this] { return state_->closed; });
  return state_->end;
}

bool process::wait_for_output(std::string_view text, std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  const auto said = [&] { return state_->out.find(text) != std::string::npos || state_->err.find(text) != std::string::npos; };
  state_->changed.wait_for(lock, limit, [&] { return said() || state_->closed; });
  return said();
}

std::string process::out() const {
  const std::lock_guard lock(state_->mutex);
  return state_->out;
}

std::string process::err() const {
  const std::lock_guard lock(state_->mutex);
  return state_->err;
}

double process::cpu_seconds() const {
  const auto stat = read_file("/proc/" + std::to_string(pid()) + "/stat");
  const auto after_name = stat.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(stat.substr(after_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::size_t process::peak_resident_kib() const {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid()) + "/status"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  return 0;
}

run_result run(std::vector<std::string> argv, std::chrono::milliseconds limit, process_options options) {
  process child(std::move(argv), std::move(options));
  auto end = child.wait(limit);
  if (!end) {
    child.send(SIGKILL);
    (void)child.wait(10s);
    end = ended{-1, SIGKILL};
  }
  return {*end, child.out(), child.err()};
}

temporary_directory::temporary_directory() {
  auto name = (std::filesystem::temp_directory_path() / "tocsin-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("mkdtemp");
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  for (int tries = 0; tries < 1000; ++tries) {
    // Below the range that the kernel takes ports for outgoing connections from; even: script/kafka takes the next one, too.
    const auto port = static_cast<std::uint16_t>(std::uniform_int_distribution(5'000, 15'000)(random) * 2);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("socket");
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const void* const raw = &address;
    const bool is_free = ::bind(socket, static_cast<const sockaddr*>(raw), sizeof(address)) == 0;
    ::close(socket);
    if (is_free) return port;
  }
  throw std::runtime_error("no free port in 1000 tries");
}

void write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace tocsin::support
