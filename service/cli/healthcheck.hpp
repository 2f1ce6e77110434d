// tocsin healthcheck: asks a running relay's ops listener how it is, for container engines that have no HTTP probe of their own.
#pragma once

#include "cli/exit_codes.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace tocsin::cli {

enum class health_question { ready, live };

struct healthcheck_options {
  health_question question = health_question::ready;
  std::string address = "127.0.0.1:8080"; // host:port of the ops listener
  std::filesystem::path config;           // where given, its admin.ops is asked instead
  std::chrono::milliseconds timeout{3000};
};

struct health_answer {
  bool healthy = false;
  std::string text; // one line for people
};

// One GET within the timeout, on the calling thread.
[[nodiscard]] health_answer ask_health(const config::listen_address& address, health_question question,
                                       std::chrono::milliseconds timeout);

// Where a listener on this address is asked from the same machine: 0.0.0.0 is asked as 127.0.0.1, :: as ::1.
[[nodiscard]] config::listen_address reachable(config::listen_address address);

// 0 and the answer on standard output where the relay says 200; 1 and the reason on standard error where it does not; 64 for an
// address that is none; 78 for a configuration that cannot be read or has no ops listener.
[[nodiscard]] exit_code healthcheck(const healthcheck_options& options);

} // namespace tocsin::cli
