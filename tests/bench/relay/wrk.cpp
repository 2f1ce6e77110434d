#include "wrk.hpp"

#include "support/http_client.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <regex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tocsin::bench {

using namespace std::chrono_literals;

nginx::nginx() : port_(support::free_port()) {
  std::string program = std::string(TOCSIN_SOURCE_DIR) + "/.deps/nginx/usr/sbin/nginx";
  if (!std::filesystem::exists(program)) program = std::filesystem::exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
  const auto folder = directory_.path().string();
  support::write_file(directory_.path() / "nginx.conf", fmt::format(R"(
daemon off; master_process off; worker_processes 1; pid {0}/pid; error_log {0}/error.log error;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; client_max_body_size 16m; client_body_buffer_size 64k;
  client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
  default_type application/json;
  server {{ listen 127.0.0.1:{1}; location / {{ return 200 '{{"code":0}}'; }} }}
}}
)",
                                                                    folder, port_));
  process_ = std::make_unique<support::process>(
      std::vector<std::string>{program, "-p", folder, "-e", folder + "/error.log", "-c", folder + "/nginx.conf"});
  for (int tries = 0; !support::http_get(port_, "/"); ++tries) {
    if (tries == 100)
      throw std::runtime_error("nginx does not answer: " + process_->err() + support::read_file(directory_.path() / "error.log"));
    std::this_thread::sleep_for(50ms);
  }
}

nginx::~nginx() {
  process_->send(SIGTERM);
  (void)process_->wait(10s);
}

std::string nginx::url() const { return fmt::format("http://127.0.0.1:{}/events", port_); }

wrk_figures run_wrk(const std::string& url, const std::string& body, unsigned connections, unsigned seconds) {
  const support::temporary_directory directory;
  const auto script = directory.path() / "post.lua";
  std::string quoted;
  for (const char c : body) {
    if (c == '\\' || c == '"') quoted += '\\';
    quoted += c;
  }
  support::write_file(
      script,
      fmt::format("wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = \"{}\"\n", quoted));
  // Bash's own `time` counts the whole process, its start and its end.
  const auto command =
      fmt::format("TIMEFORMAT='cpu %3U %3S'; time wrk -t1 -c{} -d{}s -s {} {}", connections, seconds, script.string(), url);
  const auto result = support::run({"bash", "-c", command}, std::chrono::seconds(seconds + 30));
  std::smatch requests, cpu;
  if (!std::regex_search(result.out, requests, std::regex(R"((\d+) requests in)")) ||
      !std::regex_search(result.err, cpu, std::regex(R"(cpu ([\d.]+) ([\d.]+))")))
    throw std::runtime_error("wrk failed:\n" + result.out + result.err);
  if (result.out.find("Non-2xx") != std::string::npos) throw std::runtime_error("nginx refused wrk's requests:\n" + result.out);
  const auto count = std::stod(requests[1]);
  return {count / seconds, (std::stod(cpu[1]) + std::stod(cpu[2])) / count * 1e6};
}

} // namespace tocsin::bench
