#include "app/relay.hpp"

#include "app/file_limit.hpp"
#include "app/flow.hpp"
#include "app/ready.hpp"
#include "app/status.hpp"
#include "config/version.hpp"
#include "kafka/version.hpp"
#include "push/pusher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace tocsin::app {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
constexpr auto heartbeat_interval = std::chrono::milliseconds(250);
constexpr auto starts_to_commit = std::chrono::seconds(10); // before a consumer is replaced, which knows them anyway
constexpr auto last_answers = std::chrono::minutes(10);     // from a consumer that was closed

kafka::log_function kafka_log() {
  return [](const kafka::log_entry& entry) {
    constexpr std::array levels{config::log_level::debug, config::log_level::info, config::log_level::warning,
                                config::log_level::error};
    std::vector<log::field> fields;
    fields.reserve(entry.fields.size());
    for (const auto& [name, value] : entry.fields) fields.emplace_back(name, value);
    log::write(levels[static_cast<std::size_t>(entry.severity)], entry.text, std::span<const log::field>(fields));
  };
}

observe::build_info build() {
  return {std::string(config::version()), std::string(config::revision()), kafka::library_version()};
}

observe::metrics_layout layout_of(const config::settings& settings) {
  observe::metrics_layout layout;
  layout.build = build();
  layout.topics = settings.kafka.topics;
  layout.refusal_reasons = {"not_json", "schema", "mapping", "outbound_schema", "too_large"};
  layout.dead_letter_reasons = layout.refusal_reasons;
  for (const auto* cause : {"rejected", "retries_exhausted", "expired"}) layout.dead_letter_reasons.emplace_back(cause);
  for (const auto& rule : settings.event.skip) layout.skip_rules.push_back(rule.as);
  for (const auto& rule : settings.endpoint.responses)
    if (rule.then == config::rule_outcome::skipped) layout.skip_rules.push_back(rule.as);
  return layout;
}

class connection_probe final : public push::probe {
public:
  explicit connection_probe(observe::metrics& metrics) : metrics_(metrics) {}
  void connection_opened() override { metrics_.connection_opened(); }
  void connection_error(delivery::retry_reason why) override { metrics_.connection_error(why); }
  void expression_failed() override { metrics_.expression_error(observe::expression_place::responses); }
  void problem(std::string_view text) override { log::warning(text); }

private:
  observe::metrics& metrics_;
};

class relay final : public control {
public:
  relay(const config::settings& settings, assembly parts, relay_options options)
      : settings_(settings),
        options_(std::move(options)),
        kafka_(std::move(parts.kafka)),
        transformer_(std::move(parts.transformer)),
        metrics_(layout_of(settings)),
        flow_({context_.get_executor(), settings_, *transformer_, metrics_, [this](const std::string& why) { fail(why); },
               [this] { replace_consumer(); }}),
        probe_(metrics_),
        pusher_(context_.get_executor(), settings_.endpoint, flow_, probe_),
        consumer_(make_consumer({})),
        tasks_(context_.get_executor()),
        root_(context_.get_executor()),
        signals_(context_, SIGTERM, SIGINT), // from here on, none is missed
        heartbeat_(context_) {
    if (!settings_.dead_letter.topic.empty())
      letters_.emplace(context_.get_executor(), blocking_letters_, kafka_, settings_.dead_letter, flow_,
                       kafka::dead_letters_options{client_id(), kafka_log()});
    flow_.connect(*consumer_, pusher_, letters_ ? &*letters_ : nullptr);
  }

  int run() {
    if (options_.admin) admin_ = options_.admin({settings_.admin, *this, metrics_, build(), instance_name(settings_)});
    if (admin_)
      if (const auto fault = admin_->start()) {
        log::error(*fault);
        return EXIT_FAILURE;
      }
    metrics_.config_loaded(true, std::chrono::system_clock::now());
    root_.spawn(serve());
    root_.spawn(await_signals());
    context_.run();
    if (admin_) admin_->stop();
    return exit_code_;
  }

  asio::awaitable<relay_status> status() override {
    // On the relay thread and back: the awaiting coroutine goes on on its own executor.
    co_return co_await asio::co_spawn(context_, snapshot(), asio::use_awaitable);
  }

  relay_health health() const noexcept override {
    const auto silence = clock::now().time_since_epoch() - clock::duration(beat_.load(std::memory_order_relaxed));
    return {silence < std::chrono::seconds(10), started_.load(std::memory_order_relaxed), joined_.load(std::memory_order_relaxed),
            draining_.load(std::memory_order_relaxed)};
  }

private:
  std::string client_id() const { return settings_.kafka.instance_id.empty() ? "tocsin" : settings_.kafka.instance_id; }
  std::unique_ptr<kafka::consumer> make_consumer(kafka::consumer_memory memory) {
    kafka::consumer_options made;
    made.client_id = client_id();
    made.memory = std::move(memory);
    made.log = kafka_log();
    return std::make_unique<kafka::consumer>(context_.get_executor(), blocking_, kafka_, flow_, std::move(made));
  }

  // The whole life: start everything, wait for the end, take everything down.
  asio::awaitable<void> serve() {
    log::info("tocsin starts", {{"version", config::version()},
                                {"topics", fmt::format("{}", fmt::join(settings_.kafka.topics, ","))},
                                {"group", settings_.kafka.group},
                                {"url", settings_.endpoint.url}});
    flow_.start(tasks_);
    pusher_.start();
    if (letters_) tasks_.spawn(letters_->run());
    tasks_.spawn(consumer_->run());
    started_.store(true, std::memory_order_relaxed);
    co_await beat_until_stopped();
    co_await take_down();
  }

  asio::awaitable<void> beat_until_stopped() {
    auto due = clock::now();
    while (!stop_asked_) {
      beat(due);
      due = clock::now() + heartbeat_interval;
      heartbeat_.expires_at(due);
      boost::system::error_code woken;
      co_await heartbeat_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }

  void beat(clock::time_point due) {
    const auto now = clock::now();
    beat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    metrics_.loop_lag(std::max(now - due, clock::duration::zero()));
    flow_.heartbeat(now);
    metrics_.connections(pusher_.active_connections(), pusher_.idle_connections());
    if (flow_.joined() && !joined_.exchange(true, std::memory_order_relaxed)) {
      notify_service_manager("READY=1");
      log::info("ready: a member of the group", {{"group", settings_.kafka.group}});
    }
    if (++beats_ % 4 == 1) publish_partitions(flow_, *consumer_, metrics_);
    if (options_.observer && !options_.observer(status_of(source()))) stop();
  }

  asio::awaitable<void> take_down() {
    draining_.store(true, std::memory_order_relaxed);
    notify_service_manager("STOPPING=1");
    log::info("stopping: finishing what is in flight", {{"in_flight", flow_.engine().in_flight()}});
    // Of the time that the operator gives, some is for the last commit and for leaving the group.
    const auto drain = settings_.shutdown.drain;
    flow_.drain(clock::now() + drain - std::min<std::chrono::milliseconds>(drain / 5, std::chrono::seconds(2)));
    beats_during_stop_ = true;
    tasks_.spawn(beat_while_stopping());
    co_await flow_.finish();
    co_await consumer_->close(drain + std::chrono::seconds(5));
    pusher_.close();
    co_await pusher_.drained();
    if (letters_) co_await letters_->close(std::chrono::seconds(2));
    flow_.stop();
    beats_during_stop_ = false;
    heartbeat_.cancel();
    tasks_.cancel();
    co_await tasks_.join();
    signals_.cancel();
    if (options_.observer) (void)options_.observer(status_of(source()));
    const auto& totals = flow_.engine().totals();
    log::info("stopped", {{"received", totals.received},
                          {"delivered", totals.delivered},
                          {"skipped", totals.skipped},
                          {"dead_lettered", totals.dead_lettered},
                          {"dropped", totals.dropped},
                          {"returned", totals.returned}});
  }

  // The heart beats on while the relay drains: liveness, time-outs and the ramp go on.
  asio::awaitable<void> beat_while_stopping() {
    while (beats_during_stop_) {
      beat(clock::now());
      heartbeat_.expires_after(heartbeat_interval);
      boost::system::error_code woken;
      co_await heartbeat_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }

  void replace_consumer() {
    if (!stop_asked_ && !std::exchange(replacing_, true)) tasks_.spawn(replacement());
  }

  // Its partitions are handed over as to any other member: to its successor, or to others.
  asio::awaitable<void> replacement() {
    co_await flow_.starts_committed(clock::now() + starts_to_commit);
    if (!stop_asked_) co_await consumer_->close(std::chrono::seconds(15), kafka::parting::for_good);
    replacing_ = false;
    if (stop_asked_) co_return;
    std::unique_ptr<kafka::consumer> fresh;
    try {
      fresh = make_consumer(consumer_->memory());
    } catch (const std::exception& refused) { // a certificate that is gone, say
      co_return fail(refused.what());
    }
    const auto now = clock::now();
    std::erase_if(retired_, [now](const auto& old) { return now - old.first > last_answers; });
    retired_.emplace_back(now, std::exchange(consumer_, std::move(fresh)));
    flow_.connect(*consumer_, pusher_, letters_ ? &*letters_ : nullptr);
    log::info("the consumer was replaced by a fresh one", {{"group", settings_.kafka.group}});
    tasks_.spawn(consumer_->run());
  }

  asio::awaitable<void> await_signals() {
    for (int count = 0;; ++count) {
      boost::system::error_code cancelled;
      const auto signal = co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (cancelled) co_return;
      if (count > 0) {
        log::warning("a second signal: stopping at once; what is unsettled stays uncommitted", {{"signal", signal}});
        log::stop();
        ::_exit(EXIT_FAILURE);
      }
      stop();
    }
  }

  void stop() {
    stop_asked_ = true;
    heartbeat_.cancel();
  }

  void fail(const std::string& why) {
    log::error(why);
    exit_code_ = EXIT_FAILURE;
    stop();
  }

  status_source source() {
    return {settings_, flow_, *consumer_, began_, draining_.load(std::memory_order_relaxed), started_at_};
  }
  asio::awaitable<relay_status> snapshot() { co_return status_of(source()); }

  const config::settings& settings_;
  relay_options options_;
  asio::io_context context_{1};
  kafka::blocking_pool blocking_;
  kafka::blocking_pool blocking_letters_; // a client that looks for its brokers may take its time to end
  const config::kafka_settings kafka_;    // with secrets: for the clients alone
  std::unique_ptr<transform::transformer> transformer_;
  observe::metrics metrics_;
  flow flow_;
  connection_probe probe_;
  push::pusher pusher_;
  std::optional<kafka::dead_letters> letters_;
  std::unique_ptr<kafka::consumer> consumer_;
  // Closed, and since when; what still waits for an answer of theirs gets it.
  std::vector<std::pair<clock::time_point, std::unique_ptr<kafka::consumer>>> retired_;
  runtime::task_group tasks_; // what ends before the root does
  runtime::task_group root_;
  asio::signal_set signals_;
  asio::steady_timer heartbeat_;
  std::unique_ptr<admin_listener> admin_;
  const clock::time_point began_ = clock::now();
  const std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  std::uint64_t beats_ = 0;
  bool stop_asked_ = false;
  bool replacing_ = false;
  bool beats_during_stop_ = false;
  int exit_code_ = EXIT_SUCCESS;
  std::atomic<clock::rep> beat_{clock::now().time_since_epoch().count()};
  std::atomic<bool> started_{false}, joined_{false}, draining_{false};
};

} // namespace

int run_relay(const config::settings& settings, assembly parts, relay_options options) {
  constexpr std::uint64_t beside_connections = 128; // Kafka, listeners, log, secrets
  const auto files = raise_file_limit();
  if (files < settings.endpoint.connections + beside_connections)
    log::warning("fewer files may be open than endpoint.connections can need; raise the limit (ulimit -n, LimitNOFILE)",
                 {{"limit", files}, {"connections", settings.endpoint.connections}});
  relay running(settings, std::move(parts), std::move(options));
  return running.run();
}

} // namespace tocsin::app
