#include "app/flow.hpp"

#include "push/pusher.hpp"

#include <random>

namespace tocsin::app {

namespace {

// Half the session: beyond it, the group may have given our partitions away (design: classic protocol, 10 s by default).
std::chrono::nanoseconds stall_limit_of(const config::kafka_settings& kafka) {
  std::chrono::milliseconds session(10'000);
  for (const auto& [name, value] : kafka.properties)
    if (name == "session.timeout.ms") session = std::chrono::milliseconds(std::strtoll(value.c_str(), nullptr, 10));
  return std::max<std::chrono::nanoseconds>(session / 2, std::chrono::milliseconds(500));
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

} // namespace

delivery::engine_settings engine_settings_of(const config::settings& settings) {
  delivery::engine_settings made;
  made.health.connections = settings.endpoint.connections;
  made.retry.initial = settings.retry.initial;
  made.retry.max = settings.retry.max;
  made.retry.max_attempts = settings.retry.max_attempts;
  if (settings.retry.max_age) made.retry.max_age = *settings.retry.max_age;
  made.rate_count = settings.endpoint.rate.count;
  made.rate_per = settings.endpoint.rate.per;
  made.max_in_flight = settings.delivery.max_in_flight;
  made.max_in_flight_bytes = settings.delivery.max_in_flight_bytes;
  made.max_uncommitted = settings.delivery.max_uncommitted;
  made.commit_interval = settings.delivery.commit_interval;
  made.dead_letters = !settings.dead_letter.topic.empty();
  return made;
}

flow::flow(parts p)
    : parts_(std::move(p)),
      engine_(engine_settings_of(parts_.settings), fresh_seed()),
      progress_(parts_.executor),
      commit_wanted_(parts_.executor),
      due_(parts_.executor, [this] { pump(); }),
      give_up_(parts_.executor,
               [this] {
                 give_up_at_ = clock::time_point::max();
                 progress_.notify_all();
               }),
      stall_limit_(stall_limit_of(parts_.settings.kafka)),
      endpoint_since_(std::chrono::system_clock::now()) {}

flow::~flow() = default;

void flow::connect(kafka::consumer& consumer, push::pusher& pusher, kafka::dead_letters* letters) {
  consumer_ = &consumer;
  pusher_ = &pusher;
  letters_ = letters;
}

void flow::start(runtime::task_group& tasks) {
  tasks_ = &tasks;
  tasks.spawn(commit_loop());
}

void flow::drain(clock::time_point deadline) {
  draining_ = true;
  drain_deadline_ = deadline;
  const auto now = clock::now();
  for (kafka::slot_id slot = 0; slot < partitions_.entries().size(); ++slot) engine_.stop(slot, now);
  parts_.metrics.paused(observe::pause_cause::drain, true);
  pump();
}

void flow::stop() {
  stopping_ = true;
  const auto now = clock::now();
  for (kafka::slot_id slot = 0; slot < partitions_.entries().size(); ++slot) engine_.release(slot, now);
  tell_settled(now);
  if (engine_.logless() > 0)
    log::error("events are lost: the log that they came from is gone, and the relay ends before they were delivered",
               {{"events", engine_.logless()}});
  engine_.drop_logless(now);
  tell_settled(now, log_is_gone);
  commit_wanted_.notify_all();
  progress_.notify_all();
  due_.cancel();
  give_up_.cancel();
}

void flow::heartbeat(clock::time_point now) {
  (void)stalled(now);
  engine_.tick(now);
  engine_.check();
  note_endpoint(now);
  const auto& counts = engine_.counts();
  parts_.metrics.in_progress({counts.queued + counts.parked, counts.sending, counts.waiting_retry, counts.dead_lettering});
  parts_.metrics.in_flight(counts.sending, engine_.health().limit());
  parts_.metrics.paused(observe::pause_cause::window, !engine_.window_open());
  pump();
  // An attempt of a stopped partition that ends in a retry makes it quiet and settles nothing: who waits looks again.
  progress_.notify_all();
}

} // namespace tocsin::app
