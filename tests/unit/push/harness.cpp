#include "harness.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tocsin::push {

using namespace std::chrono_literals;

void fake_source::add(std::string body, std::string headers) {
  waiting.push_back({++last_id, std::move(body), std::move(headers)});
}

std::optional<outgoing> fake_source::next() {
  if (waiting.empty() || keep_waiting_ones_back) return std::nullopt;
  auto event = std::move(waiting.front());
  waiting.pop_front();
  const auto id = event.id;
  const auto& kept = in_flight.emplace(id, std::move(event)).first->second;
  return outgoing{id, kept.body, kept.headers};
}

bool fake_source::may_send(std::uint64_t id) {
  EXPECT_TRUE(in_flight.contains(id));
  ++asked_again;
  return sending_allowed;
}

void fake_source::withdraw(std::uint64_t id) {
  EXPECT_EQ(in_flight.erase(id), 1U);
  withdrawn.push_back(id);
}

void fake_source::finished(std::uint64_t id, const delivery::attempt_result& result, std::chrono::nanoseconds took) {
  EXPECT_EQ(in_flight.erase(id), 1U);
  EXPECT_GT(took.count(), 0);
  EXPECT_LE(result.detail.size(), 200U);
  EXPECT_EQ(result.detail.find_first_of("\r\n"), std::string::npos);
  results.push_back({id, result, took});
}

void fake_source::connect_failed(delivery::retry_reason reason, std::string_view detail) {
  refused.push_back({reason, std::string(detail)});
}

pusher_test::pusher_test() {
  settings.connections = 4;
  settings.timeout = 20s;
  settings.connect_timeout = 20s;
}

pusher_test::~pusher_test() {
  if (!pusher_) return;
  pusher_->close();
  runtime::task_group tasks(io.get_executor());
  tasks.spawn(pusher_->drained());
  io.restart();
  io.run();
}

pusher& pusher_test::pusher() {
  if (!pusher_) {
    pusher_ = std::make_unique<push::pusher>(io.get_executor(), settings, source, probe, std::move(names_));
    pusher_->start();
  }
  return *pusher_;
}

void pusher_test::send(std::string body, std::string headers) {
  source.add(std::move(body), std::move(headers));
  pusher().wake();
}

void pusher_test::run_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  io.restart();
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it takes too long";
    io.run_one_for(100ms);
  }
}

void pusher_test::run_until_ended(std::size_t attempts) {
  run_until([&] { return source.results.size() >= attempts; });
}

delivery::attempt_result pusher_test::result_of(std::string body) {
  send(std::move(body));
  run_until_ended(source.results.size() + 1);
  return source.results.empty() ? delivery::attempt_result{} : source.results.back().result;
}

} // namespace tocsin::push
