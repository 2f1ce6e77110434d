// What design and README promise, each by an experiment that other relays fail (docs/guarantees.md has their figures beside
// ours). Every experiment prints what it saw; what is asserted is what is promised, never a speed.
#include "scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

namespace tocsin::integration {
namespace {

using support::answer;
using support::arrival;
using support::receiver;
using support::relay;
using clock = std::chrono::steady_clock;

const answer taken{200, R"({"code":0})", 0us, ""};
constexpr std::size_t in_flight = 64; // attempts at once: the default of endpoint.connections

// When each request came in. Filled on the receiver's thread, read when the relay has stopped or under the lock.
class timeline {
public:
  void note() {
    const std::lock_guard lock(mutex_);
    times_.push_back(clock::now());
  }
  [[nodiscard]] std::vector<clock::time_point> times() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<clock::time_point> times_;
};

void say(const std::string& text) { fmt::print("[ figures  ] {}\n", text); }

double seconds(clock::duration d) { return std::chrono::duration<double>(d).count(); }

std::size_t resident_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  return 0;
}

TEST(promises, an_endpoint_that_answers_401_costs_no_event_and_is_only_probed) {
  constexpr auto outage = 20s;
  scene s;
  s.events.produce_good(8'000);
  s.events.flush();
  timeline refused;
  std::size_t seen = 0;
  clock::time_point began{}, ended = clock::time_point::max();
  const receiver endpoint([&](const arrival&) {
    const auto now = clock::now();
    if (++seen == 2'000) {
      began = now;
      ended = now + outage;
    }
    if (seen < 2'000 || now >= ended) return taken;
    refused.note();
    return answer{401, R"({"error":"unauthorised"})", 0us, ""};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(s.all_committed(120s)) << tail(r);
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r); // a dead letter of a good event would be a fault
  // What was on its way when the endpoint turned (one on each connection), then at most one probe a second. The requests are
  // counted over the whole time rather than one by one: a busy machine notices some of them late.
  const auto times = refused.times();
  ASSERT_FALSE(times.empty());
  const auto lasted = times.back() - times.front();
  EXPECT_LE(times.size(), in_flight + static_cast<std::size_t>(seconds(lasted)) + 2);
  say(fmt::format("401 for {} s: lost {}, dead-lettered wrongly {}, requests into it {}, {} of them at most on their way",
                  outage.count(), v.lost, v.unexpected, times.size(), in_flight));
}

TEST(promises, retry_after_is_obeyed_for_the_whole_endpoint) {
  scene s;
  s.events.produce_good(8'000);
  s.events.flush();
  // Each refusal begins a time of five seconds, in which requests may come only that were on their way when the relay read it:
  // at most one on each connection after the first refusal, none of them for the second time; after a probe's refusal none.
  std::size_t seen = 0, early = 0, refusals = 0, times_closed = 0, stragglers = 0;
  std::set<std::string> refused;
  clock::time_point closed_until{}, over{};
  const receiver endpoint([&](const arrival& a) {
    const auto now = clock::now();
    if (++seen == 2'000) over = now + 10s;
    if (seen < 2'000) return taken;
    if (now < closed_until) {
      if (times_closed > 1 || refused.contains(a.id) || ++stragglers >= in_flight) ++early;
    } else if (now >= over) {
      return taken;
    } else {
      closed_until = now + 5s;
      ++times_closed;
    }
    refused.insert(a.id);
    ++refusals;
    return answer{503, R"({"error":"later"})", 0us, "5"};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(s.all_committed(120s)) << tail(r);
  ASSERT_TRUE(r.stop());
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
  EXPECT_EQ(early, 0U);
  EXPECT_GE(times_closed, 2U);
  say(fmt::format("503 with Retry-After: 5 for 10 s: {} early, {} refusals", early, refusals));
}

TEST(promises, a_twentieth_of_failures_puts_no_key_out_of_order) {
  scene s;
  s.events.produce_good(20'000, 1'000);
  s.events.flush();
  std::size_t seen = 0;
  const receiver endpoint([&](const arrival&) { return ++seen % 20 == 7 ? answer{503, "{}", 0us, ""} : taken; });
  relay r(s.options(endpoint.url()));
  const auto began = clock::now();
  r.start();
  ASSERT_TRUE(s.all_committed(120s)) << tail(r);
  const auto took = clock::now() - began;
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_EQ(v.out_of_order, 0U);
  EXPECT_EQ(v.sent_again, 0U);
  say(fmt::format("5% of 503, 20,000 events, 1,000 keys: out of order {}, {:.1f} s from start to the last commit", v.out_of_order,
                  seconds(took)));
}

TEST(promises, kill_9_after_8000_events_repeats_at_most_max_uncommitted) {
  scene s;
  s.events.produce_good(20'000);
  s.events.flush();
  timeline all;
  const receiver endpoint([&](const arrival&) {
    all.note();
    return answer{200, R"({"code":0})", 1ms, ""};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(endpoint.wait_for(8'000, 60s)) << tail(r);
  r.kill();
  const auto before = endpoint.count();
  const auto killed = clock::now();
  r.start();
  ASSERT_TRUE(endpoint.wait_for(before + 1, 90s)) << tail(r);
  const auto silence = clock::now() - killed;
  ASSERT_TRUE(s.all_committed(120s)) << tail(r);
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  EXPECT_LE(v.sent_again, 4096U); // the promise; how much less depends on how fast the broker takes commits
  say(fmt::format("kill -9 after 8,000 events: sent again {}, events flow again after {:.1f} s", v.sent_again, seconds(silence)));
}

TEST(promises, a_named_replica_takes_its_partitions_back_after_kill_9) {
  scene s;
  s.events.produce_good(10'000);
  s.events.flush();
  const receiver endpoint([](const arrival&) { return answer{200, R"({"code":0})", 5ms, ""}; });
  auto options = s.options(endpoint.url());
  options.kafka["instance_id"] = "replica-0";
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(2'000, 60s)) << tail(r);
  r.kill();
  const auto before = endpoint.count();
  const auto killed = clock::now();
  r.start();
  ASSERT_TRUE(endpoint.wait_for(before + 1, 60s)) << tail(r);
  const auto silence = clock::now() - killed;
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
  say(fmt::format("with kafka.instance_id: events flow again {:.1f} s after kill -9", seconds(silence)));
}

TEST(promises, one_slow_key_holds_nothing_back_and_a_restart_repeats_nothing) {
  scene s(1);
  s.events.produce_good(5'000, 500);
  s.events.flush();
  std::string slow_key_id;
  const receiver endpoint([&](const arrival& a) {
    if (slow_key_id.empty()) slow_key_id = a.id;
    return a.id == slow_key_id ? answer{503, "{}", 0us, ""} : taken;
  });
  auto options = s.options(endpoint.url());
  options.retry = {{"initial", "100ms"}, {"max", "200ms"}, {"max_attempts", "1000000"}};
  relay r(options);
  r.start();
  // All but the slow key's ten events (one of them tried over and over).
  const auto delivered = [](const boost::json::object& status) { return relay::total(status, "delivered") >= 4'990; };
  ASSERT_TRUE(r.wait_until(delivered, 60s)) << tail(r);
  const auto end = r.stop();
  ASSERT_TRUE(end) << tail(r);
  const auto accepted = [&] {
    std::map<std::string, int> count;
    for (const auto& a : endpoint.arrivals())
      if (a.status == 200) ++count[a.id];
    return count;
  };
  EXPECT_EQ(accepted().size(), 4'990U);
  slow_key_id = "nobody's";
  r.start();
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  const auto v = s.judge(endpoint);
  EXPECT_TRUE(is_faultless(v)) << tail(r);
  const auto counts = accepted();
  const auto twice = std::count_if(counts.begin(), counts.end(), [](const auto& entry) { return entry.second > 1; });
  EXPECT_EQ(twice, 0);
  say(fmt::format("one key stuck at the first of 5,000 offsets, clean restart: {} events sent again", twice));
}

TEST(promises, a_thousand_attempts_at_once_over_one_partition_in_order_per_key) {
  scene s(1);
  s.events.produce_good(60'000, 10'000);
  s.events.flush();
  const receiver endpoint([](const arrival&) { return answer{200, R"({"code":0})", 100ms, ""}; });
  auto options = s.options(endpoint.url());
  options.endpoint["connections"] = "1024";
  relay r(options);
  r.start();
  ASSERT_TRUE(endpoint.wait_for(20'000, 120s)) << tail(r);
  const auto began = clock::now();
  const auto first = endpoint.count();
  ASSERT_TRUE(endpoint.wait_for(55'000, 120s)) << tail(r);
  const auto rate = static_cast<double>(endpoint.count() - first) / seconds(clock::now() - began);
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
  say(fmt::format("100 ms an answer, 1,024 connections, 10,000 keys, one partition: {:.0f} events/s (the limit is 10,240)",
                  rate));
}

TEST(promises, one_key_is_sent_exactly_one_at_a_time) {
  scene s(1);
  s.events.produce_good(300, 1);
  s.events.flush();
  timeline all;
  const receiver endpoint([&](const arrival&) {
    all.note();
    return answer{200, R"({"code":0})", 10ms, ""};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
  const auto times = all.times();
  ASSERT_EQ(times.size(), 300U);
  for (std::size_t n = 1; n < times.size(); ++n)
    EXPECT_GE(seconds(times[n] - times[n - 1]), 0.0099) << "before the answer to the one before";
}

// With TOCSIN_TEST_LONG in the environment: a million events and two minutes.
TEST(promises, an_outage_with_a_full_window_keeps_memory_flat) {
  const bool at_length = std::getenv("TOCSIN_TEST_LONG") != nullptr;
  const std::uint64_t count = at_length ? 1'000'000 : 150'000;
  const auto outage = at_length ? 120s : 10s;
  scene s;
  s.events.produce_good(count);
  s.events.flush();
  std::atomic<bool> away = true;
  timeline refused;
  const receiver endpoint([&](const arrival&) {
    if (!away) return taken;
    refused.note();
    return answer{500, "{}", 0us, ""};
  });
  relay r(s.options(endpoint.url()));
  r.start();
  const auto full = [](const boost::json::object& status) { return relay::total(status, "in_progress") >= 4'096; };
  ASSERT_TRUE(r.wait_until(full, 60s)) << tail(r);
  const auto lasts = [&](std::chrono::seconds time) { // the outage itself
    const auto until = clock::now() + time;
    return r.wait_until([until](const boost::json::object&) { return clock::now() >= until; }, time + 30s);
  };
  ASSERT_TRUE(lasts(5s)) << tail(r); // librdkafka fills its queue, too
  const auto pid = r.process().pid();
  const auto resident_before = resident_kib(pid);
  const auto cpu_before = r.process().cpu_seconds();
  const auto requests_before = refused.times().size();
  const auto began = clock::now();
  ASSERT_TRUE(r.process().wait(outage) == std::nullopt) << tail(r);
  const auto lasted = seconds(clock::now() - began);
  const auto resident_after = resident_kib(pid);
  const auto cpu = r.process().cpu_seconds() - cpu_before;
  const auto probes = refused.times().size() - requests_before;
  EXPECT_LT(resident_after, 128U * 1024);
  EXPECT_LT(resident_after, resident_before + resident_before / 10);
  EXPECT_LE(probes, static_cast<std::size_t>(lasted) + 1) << "one a second at most";

  away = false;
  const auto ended = clock::now();
  const auto so_far = endpoint.count();
  ASSERT_TRUE(endpoint.wait_for(so_far + 1, 60s)) << tail(r); // the probe
  const auto found = seconds(clock::now() - ended);
  const auto recovered = clock::now();
  ASSERT_TRUE(endpoint.wait_for(so_far + count, 300s)) << tail(r);
  const auto rate = static_cast<double>(count) / seconds(clock::now() - recovered);
  ASSERT_TRUE(s.all_committed(60s)) << tail(r);
  ASSERT_TRUE(r.stop());
  EXPECT_TRUE(is_faultless(s.judge(endpoint))) << tail(r);
  say(fmt::format(
      "window full, {} events waiting: {} KiB resident at first, {} KiB after {:.0f} s; {:.2f}% of a CPU, {} probes; the end is "
      "noticed after {:.1f} s, then {:.0f} events/s",
      count, resident_before, resident_after, lasted, cpu / lasted * 100, probes, found, rate));
}

} // namespace
} // namespace tocsin::integration
