// What pushing costs, next to wrk in the same run: bench_push [requests] [connections] [body bytes] [rounds]
// Starts nginx (one worker, `return 200`) on a free port in a temporary folder; prints requests/s and CPU seconds (user + system
// of this process or of wrk) per 100,000 requests, in turn.
#include "push/pusher.hpp"
#include "runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace tocsin;
using clock_type = std::chrono::steady_clock;
namespace fs = std::filesystem;

struct figures {
  double seconds = 0, cpu = 0, user = 0;
  std::uint64_t requests = 0;

  void print(const char* name) const {
    fmt::print("{:>6}: {:8.0f} requests/s  {:.3f} CPU s per 100,000 (user {:.3f})\n", name,
               static_cast<double>(requests) / seconds, per_100k(), user * 1e5 / static_cast<double>(requests));
  }
  [[nodiscard]] double per_100k() const { return cpu * 1e5 / static_cast<double>(requests); }
};

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

class events final : public push::work_source {
public:
  events(boost::asio::io_context& io, std::uint64_t count, std::size_t connections, std::size_t size)
      : io_(io), count_(count), left_(count), connections_(connections), body_(size, 'x') {}

  std::size_t connections_wanted() override { return left_ > 0 ? connections_ : 0; }
  std::optional<push::outgoing> next() override {
    if (left_ == 0) return std::nullopt;
    --left_;
    return push::outgoing{left_, body_, "Idempotency-Key: \"alerts-0-12345678\"\r\n"};
  }
  bool may_send(std::uint64_t) override { return true; }
  void withdraw(std::uint64_t) override { ++left_; }
  void finished(std::uint64_t, const delivery::attempt_result& result, std::chrono::nanoseconds took) override {
    ++(result.outcome == delivery::outcome::delivered ? delivered : failed);
    longest = std::max(longest, took);
    if (delivered + failed == count_) io_.stop();
  }
  void connect_failed(delivery::retry_reason, std::string_view detail) override { fmt::print("{}\n", detail); }

  std::uint64_t delivered = 0, failed = 0;
  std::chrono::nanoseconds longest{0};

private:
  boost::asio::io_context& io_;
  std::uint64_t count_;
  std::uint64_t left_;
  std::size_t connections_;
  std::string body_;
};

struct silent_probe final : push::probe {
  void connection_opened() override {}
  void connection_error(delivery::retry_reason) override {}
  void expression_failed() override {}
  void problem(std::string_view) override {}
};

class child {
public:
  explicit child(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (::posix_spawnp(&pid_, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) {
      fmt::print(stderr, "{} cannot be started; install it\n", arguments[0]);
      std::exit(1);
    }
  }
  ~child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    (void)wait();
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  rusage wait() {
    rusage used{};
    ::wait4(pid_, nullptr, 0, &used);
    pid_ = 0;
    return used;
  }

private:
  pid_t pid_ = 0;
};

std::uint16_t free_port() {
  boost::asio::io_context io;
  return boost::asio::ip::tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

void write_nginx_configuration(const fs::path& folder, std::uint16_t port) {
  std::ofstream(folder / "nginx.conf") << fmt::format(
      "daemon off; master_process off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
      "events {{ worker_connections 4096; }}\n"
      "http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}/b; proxy_temp_path {0}/p; "
      "fastcgi_temp_path {0}/f;\n"
      "  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s; server {{ listen 127.0.0.1:{1} backlog=4096; location / {{ return 200; }} "
      "}} }}\n",
      folder.string(), port);
}

void wait_until_it_listens(std::uint16_t port) {
  boost::asio::io_context io;
  for (;;) {
    boost::asio::ip::tcp::socket socket(io);
    boost::system::error_code error;
    socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
    if (!error) return;
    ::usleep(10'000);
  }
}

figures push_all(const std::string& url, std::uint64_t count, std::uint32_t connections, std::size_t size) {
  config::endpoint_settings settings;
  settings.url = url;
  settings.connections = connections;
  boost::asio::io_context io(1);
  events source(io, count, connections, size);
  silent_probe probe;
  push::pusher pusher(io.get_executor(), settings, source, probe);
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto start = clock_type::now();
  pusher.start();
  io.run();
  const std::chrono::duration<double> took = clock_type::now() - start;
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  pusher.close();
  runtime::task_group tasks(io.get_executor());
  tasks.spawn(pusher.drained());
  io.restart();
  io.run();
  if (source.failed > 0) fmt::print("{} requests failed\n", source.failed);
  const double user = seconds(after.ru_utime) - seconds(before.ru_utime);
  return {took.count(), user + seconds(after.ru_stime) - seconds(before.ru_stime), user, count};
}

figures run_wrk(const fs::path& folder, const std::string& url, std::uint32_t connections, std::size_t size) {
  std::ofstream(folder / "post.lua") << fmt::format(
      "wrk.method = 'POST'\nwrk.body = string.rep('x', {})\nwrk.headers['Content-Type'] = 'application/json'\n"
      "wrk.headers['Idempotency-Key'] = '\"alerts-0-12345678\"'\nwrk.headers['User-Agent'] = 'tocsin/0.1.0'\n"
      "done = function(summary) local f = io.open('{}/count', 'w') f:write(summary.requests, ' ', summary.duration) f:close() "
      "end\n",
      size, folder.string());
  child wrk(
      {"sh", "-c",
       fmt::format("exec wrk -t1 -c{} -d2s -s {}/post.lua {} >{}/wrk.log", connections, folder.string(), url, folder.string())});
  const auto used = wrk.wait();
  figures result;
  double microseconds = 0;
  std::ifstream(folder / "count") >> result.requests >> microseconds;
  result.seconds = microseconds / 1e6;
  result.user = seconds(used.ru_utime);
  result.cpu = result.user + seconds(used.ru_stime);
  return result;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const auto connections = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 64);
  const std::size_t size = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 700;
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 3;
  std::string pattern = (fs::temp_directory_path() / "tocsin-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 1;
  const fs::path folder = pattern;
  const auto port = free_port();
  write_nginx_configuration(folder, port);
  const auto url = fmt::format("http://127.0.0.1:{}/", port);
  {
    const child nginx({"nginx", "-c", (folder / "nginx.conf").string(), "-e", (folder / "error.log").string()});
    wait_until_it_listens(port);
    fmt::print("{} requests of {} bytes over {} connections\n", count, size, connections);
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
      const auto ours = push_all(url, count, connections, size);
      ours.print("tocsin");
      const auto theirs = run_wrk(folder, url, connections, size);
      theirs.print("wrk");
      ratios.push_back(ours.per_100k() / theirs.per_100k());
    }
    fmt::print("CPU per request, tocsin over wrk: {:.2f} (median)\n", median(ratios));
  }
  fs::remove_all(folder);
}
