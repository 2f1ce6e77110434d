#include "app/demo.hpp"

#include "app/demo_endpoint.hpp"
#include "app/demo_files.hpp"
#include "app/demo_source.hpp"
#include "app/relay.hpp"
#include "config/load.hpp"
#include "kafka/mock_cluster.hpp"
#include "observe/log.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace tocsin::app {

namespace {

using clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

// A folder with the configuration, the schema and the mapping, as a user would have them; gone at the end.
class demo_folder {
public:
  demo_folder() {
    auto pattern = (fs::temp_directory_path() / "tocsin-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern + ": the folder cannot be made");
    path_ = pattern;
    std::ofstream(path_ / "event.schema.json") << demo_event_schema;
    std::ofstream(path_ / "to-omp.json") << demo_mapping;
  }
  ~demo_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  demo_folder(const demo_folder&) = delete;
  demo_folder& operator=(const demo_folder&) = delete;
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
  fs::path path_;
};

std::string configuration(const std::string& brokers, std::uint16_t port) {
  return fmt::format(R"(kafka:
  brokers: {}
  topics: [event]
  group: demo
  properties: {{fetch.wait.max.ms: "10", session.timeout.ms: "6000"}}
event:
  schema: event.schema.json
  mapping: to-omp.json
endpoint:
  url: http://127.0.0.1:{}/alerts
  connections: 16
  responses:
    - {{when: "status == 200 && body.code == 0", then: delivered}}
    - {{when: "status == 400 && 'not match any cmdb instance' in body.error", then: skipped, as: no_matching_instance}}
    - {{when: "status == 200", then: rejected}}
dead_letter: {{topic: event.dead-letter}}
admin: {{ops: "127.0.0.1:0", listen: "127.0.0.1:0"}}
log: {{level: warning}}
shutdown: {{drain: 5s}}
)",
                     brokers, port);
}

// One line that is written over on a terminal, or a line a second elsewhere.
class progress_line {
public:
  void show(const relay_status& now, std::uint64_t produced) {
    const auto at = clock::now();
    if (at - last_ < (terminal_ ? std::chrono::milliseconds(250) : std::chrono::milliseconds(1000))) return;
    const auto seconds = std::chrono::duration<double>(at - last_).count();
    const auto rate = static_cast<double>(now.totals.delivered - last_delivered_) / seconds;
    last_ = at;
    last_delivered_ = now.totals.delivered;
    std::int64_t lag = 0;
    for (const auto& partition : now.partitions) lag += partition.lag.value_or(0);
    fmt::print(
        "{}endpoint {:<7}  {:>5.0f} events/s  produced {}  delivered {}  retried {}  skipped {}  dead letters {}  lag {}{}",
        terminal_ ? "\r\x1b[2K" : "", now.endpoint.state, rate, produced, now.totals.delivered, now.totals.retries,
        now.totals.skipped, now.totals.dead_lettered, lag, terminal_ ? "" : "\n");
    std::fflush(stdout);
  }
  void finish() const {
    if (terminal_) fmt::print("\n");
  }

private:
  const bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
  clock::time_point last_ = clock::now();
  std::uint64_t last_delivered_ = 0;
};

bool summary(const totals& end, std::uint64_t produced, const demo_book& book) {
  const auto settled = end.delivered + end.skipped + end.dead_lettered;
  const bool adds_up = produced == settled && book.accepted == end.delivered && book.out_of_order == 0;
  fmt::print("\n"
             "produced to Kafka       {:>8}\n"
             "  delivered             {:>8}   taken by the endpoint, which counted {} and {} twice\n"
             "  skipped by a rule     {:>8}   no_matching_instance: the endpoint does not know the host\n"
             "  dead-lettered         {:>8}   refused by the schema, each with its reason in the record's headers\n"
             "  not settled           {:>8}\n"
             "the endpoint answered 503 to {} of {} requests, {} outages included; events out of order: {}\n",
             produced, end.delivered, book.accepted, book.taken_twice, end.skipped, end.dead_lettered,
             produced > settled ? produced - settled : 0, book.failed, book.requests, book.outages, book.out_of_order);
  fmt::print("\n{}\n\n"
             "Next: copy proto-free-schemas/guance/tocsin.yaml, put your broker and your URL in, then\n"
             "  tocsin check -c tocsin.yaml        says whether it would start, and everything that is wrong with it\n"
             "  tocsin transform -c tocsin.yaml    shows what would be sent for events on standard input\n"
             "  tocsin run -c tocsin.yaml          relays\n",
             adds_up ? "Nothing was lost, and every host's alerts arrived in order."
                     : "The numbers do not add up: this is a bug.");
  return adds_up;
}

} // namespace

int run_demo(const demo_options& options, admin_factory admin) {
  const demo_folder folder;
  kafka::mock_cluster cluster;
  cluster.create_topic("event", 4);
  cluster.create_topic("event.dead-letter", 1);
  demo_endpoint endpoint;

  const auto loaded =
      config::load_text(configuration(cluster.bootstrap(), endpoint.port()), folder.path(), config::process_environment());
  const auto& settings = loaded.value();
  const log::session logging({.level = settings.log.level});
  auto parts = assemble(settings);
  fmt::print("tocsin demo: a broker at {}, an endpoint at http://127.0.0.1:{} that is not always well,\n"
             "and {} alerts a second through the schema and mapping of proto-free-schemas/guance.\n\n",
             cluster.bootstrap(), endpoint.port(), options.events_per_second);

  demo_source source(cluster.bootstrap(), "event", options.events_per_second);
  progress_line line;
  totals end;
  const auto stop_producing = options.length.count() > 0 ? clock::now() + options.length : clock::time_point::max();
  const auto give_up = options.length.count() > 0 ? stop_producing + std::chrono::seconds(20) : clock::time_point::max();
  bool ending = false;
  relay_options running;
  running.admin = std::move(admin);
  running.observer = [&](const relay_status& now) {
    end = now.totals;
    line.show(now, source.produced());
    if (!ending && clock::now() >= stop_producing) {
      ending = true;
      endpoint.stay_well();
      source.stop();
    }
    const auto settled = end.delivered + end.skipped + end.dead_lettered;
    const bool all_settled = ending && settled >= source.produced() && end.in_progress == 0;
    return !all_settled && clock::now() < give_up;
  };
  const auto code = run_relay(settings, std::move(parts.value()), std::move(running));
  source.stop();
  line.finish();
  if (code != EXIT_SUCCESS) return code;
  // After Ctrl-C what was still in Kafka has not been settled, and need not be.
  const bool cut_short = !ending;
  return summary(end, cut_short ? end.received - end.returned : source.produced(), endpoint.book()) ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace tocsin::app
