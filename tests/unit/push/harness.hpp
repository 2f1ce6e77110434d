// A pusher between a list of events and whatever endpoint a test sets up.
#pragma once

#include "push/pusher.hpp"
#include "runtime/task_group.hpp"
#include "support/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tocsin::push {

// Hands out events in order and keeps what became of them.
class fake_source final : public work_source {
public:
  struct ended {
    std::uint64_t id;
    delivery::attempt_result result;
    std::chrono::nanoseconds took;
  };
  struct refused_connect {
    delivery::retry_reason reason;
    std::string detail;
  };

  void add(std::string body, std::string headers = {});

  std::size_t connections_wanted() override { return std::min(wanted, waiting.size() + in_flight.size()); }
  std::optional<outgoing> next() override;
  bool may_send(std::uint64_t id) override;
  void withdraw(std::uint64_t id) override;
  void finished(std::uint64_t id, const delivery::attempt_result&, std::chrono::nanoseconds took) override;
  void connect_failed(delivery::retry_reason, std::string_view detail) override;

  struct event {
    std::uint64_t id;
    std::string body, headers;
  };
  std::size_t wanted = 64;
  bool keep_waiting_ones_back = false; // next() has nothing, though connections are wanted
  bool sending_allowed = true;         // may_send()
  std::deque<event> waiting;
  std::map<std::uint64_t, event> in_flight;
  std::vector<ended> results;
  std::vector<std::uint64_t> withdrawn;
  std::vector<refused_connect> refused;
  std::uint64_t asked_again = 0;
  std::uint64_t last_id = 0;
};

class fake_probe final : public probe {
public:
  void connection_opened() override { ++opened; }
  void connection_error(delivery::retry_reason reason) override { errors.push_back(reason); }
  void expression_failed() override { ++failed_expressions; }
  void problem(std::string_view text) override { problems.emplace_back(text); }

  int opened = 0;
  int failed_expressions = 0;
  std::vector<delivery::retry_reason> errors;
  std::vector<std::string> problems;
};

class pusher_test : public testing::Test {
protected:
  pusher_test();
  ~pusher_test() override;

  // The pusher is made of `settings` at the first call that needs it.
  push::pusher& pusher();
  void use(std::unique_ptr<name_lookup> names) { names_ = std::move(names); }

  // Adds an event and wakes the pusher.
  void send(std::string body = "{}", std::string headers = {});
  // Runs the loop until so many attempts have ended, or until the condition is met. Fails the test when that takes too long.
  void run_until_ended(std::size_t attempts);
  void run_until(const std::function<bool()>& condition);
  // Sends one event and gives what it came to.
  delivery::attempt_result result_of(std::string body = "{}");

  boost::asio::io_context io{1};
  config::endpoint_settings settings;
  fake_source source;
  fake_probe probe;

private:
  std::unique_ptr<name_lookup> names_;
  std::unique_ptr<push::pusher> pusher_;
};

// A name's addresses as the test wants them.
class fixed_lookup final : public name_lookup {
public:
  explicit fixed_lookup(endpoints found, boost::system::error_code error = {}) : found_(std::move(found)), error_(error) {}
  void lookup(const std::string&, std::uint16_t, callback done) override { done(error_, found_); }

private:
  endpoints found_;
  boost::system::error_code error_;
};

} // namespace tocsin::push
