// chaos [--kills N] [--seed S] [--protocol eager|cooperative|consumer] [--members N]
// Real processes against a real Kafka and an endpoint with moods, while everything goes wrong that may: kill -9, SIGSTOP, broker
// outages, members that come and go, endpoint faults of every kind, a dead-letter topic that cannot be written. Ends with 1 where
// an event is lost, out of order, or sent again more often than is promised.
#include "endpoint.hpp"
#include "members.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace {

using namespace tocsin;
using namespace tocsin::chaos;
using namespace std::chrono_literals;

constexpr unsigned keys = 200;
constexpr int partitions = 6;

class storm {
public:
  storm(const std::string& protocol, int count, unsigned seed)
      : random_(seed),
        kafka_(broker_.address()),
        ledger_(keys, {max_uncommitted, connections, static_cast<std::uint64_t>(count)}),
        endpoint_(ledger_),
        began_(clock::now()) {
    kafka_.create_topic(topic_, partitions);
    kafka_.create_topic(dead_letter_, 1);
    members_.emplace(group_options{broker_.address(), topic_, dead_letter_, endpoint_.url(), protocol, count}, ledger_);
  }

  void rage(int kills) {
    wait_for_first_deliveries();
    while (kills_ < kills) {
      produce(below(300));
      members_->thaw_due();
      change_mood();
      trouble_dead_letters();
      trouble_members();
      trouble_broker();
      if (!members_->ledgers_balance()) throw std::runtime_error("a member's ledger does not balance");
      std::this_thread::sleep_for(50ms);
    }
  }

  // Nothing fails from here on: everything must be settled and committed.
  void calm() {
    say("calm");
    members_->thaw_all();
    if (away_ >= 0) members_->come_back(away_);
    endpoint_.change(mood::fine);
    if (letters_in_trouble_) repair_dead_letters();
    kafka_.flush();
    const auto limit = clock::now() + 120s;
    while (ledger_.open() > 0 || !all_committed()) {
      if (clock::now() > limit)
        throw std::runtime_error(
            fmt::format("{} of {} events are still open after two calm minutes", ledger_.open(), ledger_.produced()));
      std::this_thread::sleep_for(200ms);
    }
    if (!members_->ledgers_balance()) throw std::runtime_error("a member's ledger does not balance");
    std::string trouble;
    if (!members_->stop_all(trouble)) throw std::runtime_error(trouble);
    for (const auto& letter : kafka_.read_all(dead_letter_)) {
      std::string reason;
      for (const auto& [name, value] : letter.headers)
        if (name == "tocsin-reason") reason = value;
      ledger_.dead_letter(letter.value.value_or(""), reason);
    }
  }

  bool report() {
    const auto found = ledger_.judge();
    fmt::print("{}lost {}, out of order {}, sent again without a cause {}, beyond the bound {}, early after Retry-After {}, "
               "wrong name {}, "
               "wrong dead letter {}\n",
               ledger_.summary(), found.lost, found.out_of_order, found.without_cause, found.beyond_bound, found.early,
               found.wrong_name, found.wrong_dead_letter);
    if (!found.none()) fmt::print("first: {}\n", found.first);
    return found.none();
  }

  void keep_logs() const {
    const auto folder = std::filesystem::path(TOCSIN_BINARY_DIR) / "chaos-logs";
    std::filesystem::create_directories(folder);
    for (int which = 0; which < members_->count(); ++which)
      std::ofstream(folder / fmt::format("member-{}.log", which)) << members_->log(which);
    fmt::print("what the members wrote: {}\n", folder.string());
  }

private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  void say(std::string_view what) {
    const std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
    fmt::print("{:%T} {:7.1f} s  {}\n", std::chrono::time_point_cast<std::chrono::milliseconds>(now),
               std::chrono::duration<double>(clock::now() - began_).count(), what);
    std::fflush(stdout);
  }

  void produce(unsigned count) {
    for (unsigned n = 0; n < count; ++n) {
      const auto key = below(keys);
      kafka_.produce(topic_, {static_cast<std::int32_t>(key % partitions), std::to_string(key), ledger_.next_value(key), {}});
    }
  }

  void wait_for_first_deliveries() {
    produce(1000);
    const auto limit = clock::now() + 60s;
    while (ledger_.open() > 0) {
      if (clock::now() > limit) throw std::runtime_error("nothing is delivered at first");
      std::this_thread::sleep_for(20ms);
    }
    say("the group delivers");
  }

  void change_mood() {
    if (clock::now() < next_mood_) return;
    const auto next = below(2) == 0 ? mood::fine : static_cast<mood>(below(static_cast<unsigned>(mood::count_)));
    if (next == mood::refusing) ledger_.happens(incident_kind::cut, everybody);
    endpoint_.change(next);
    if (next != mood_) say(fmt::format("the endpoint: {}", name_of(next)));
    mood_ = next;
    next_mood_ = clock::now() + 300ms + std::chrono::milliseconds(below(2500));
  }

  void trouble_dead_letters() {
    if (clock::now() < next_letters_) return;
    if (letters_in_trouble_) {
      repair_dead_letters();
    } else {
      say("dead letters cannot be written");
      // Refused at once, or kept waiting for a second replica.
      const bool refused = below(2) == 0;
      kafka_.configure_topic(dead_letter_, refused ? "max.message.bytes" : "min.insync.replicas", refused ? "1" : "2");
      letters_in_trouble_ = true;
    }
    next_letters_ = clock::now() + 2s + std::chrono::milliseconds(below(letters_in_trouble_ ? 4000 : 12000));
  }
  void repair_dead_letters() {
    kafka_.configure_topic(dead_letter_, "max.message.bytes", std::nullopt);
    kafka_.configure_topic(dead_letter_, "min.insync.replicas", std::nullopt);
    letters_in_trouble_ = false;
    say("dead letters can be written");
  }

  void trouble_members() {
    if (away_ >= 0 && clock::now() > back_at_) {
      say(fmt::format("member {} comes back", away_));
      members_->come_back(std::exchange(away_, -1));
    }
    if (clock::now() < next_member_) return;
    next_member_ = clock::now() + 300ms + std::chrono::milliseconds(below(3500));
    const auto which = static_cast<int>(below(static_cast<unsigned>(members_->count())));
    if (!members_->free(which)) return;
    const auto what = below(20);
    if (what < 13) {
      say(fmt::format("kill -9 member {} ({})", which, ++kills_));
      members_->kill(which);
    } else if (what < 16) {
      const auto how_long = std::chrono::milliseconds(500 + below(9000)); // within the session, and beyond it
      say(fmt::format("SIGSTOP member {} for {} ms", which, how_long.count()));
      members_->freeze(which, how_long);
    } else if (what < 18 || away_ >= 0) {
      say(fmt::format("SIGTERM member {} and start it again", which));
      members_->restart(which);
    } else {
      say(fmt::format("SIGTERM member {}", which));
      members_->leave(which);
      away_ = which;
      back_at_ = clock::now() + std::chrono::milliseconds(below(8000));
    }
  }

  void trouble_broker() {
    if (clock::now() < next_broker_) return;
    next_broker_ = clock::now() + 40s + std::chrono::seconds(below(40));
    say("the broker stops");
    ledger_.happens(incident_kind::broker, everybody);
    broker_.stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(below(8000))); // the outage itself
    broker_.start();
    ledger_.happens(incident_kind::broker, everybody, 20s); // sessions still end, commits still fail
    say("the broker is back");
  }

  bool all_committed() {
    auto wanted = kafka_.high_offsets(topic_);
    std::erase_if(wanted, [](const auto& end) { return end.second == 0; });
    return kafka_.committed("chaos", topic_) == wanted;
  }

  const std::string topic_ = "event", dead_letter_ = "event.dead-letter";
  std::mt19937 random_;
  support::kafka_broker broker_;
  support::kafka_client kafka_;
  ledger ledger_;
  endpoint endpoint_;
  std::optional<members> members_;
  clock::time_point began_, next_mood_{}, next_member_{}, back_at_{};
  clock::time_point next_letters_ = clock::now() + 5s, next_broker_ = clock::now() + 20s;
  mood mood_ = mood::fine;
  bool letters_in_trouble_ = false;
  int away_ = -1;
  int kills_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Relays, a Kafka and an endpoint while everything goes wrong.");
  int kills = 200, members = 3;
  unsigned seed = std::random_device()();
  std::string protocol = "cooperative";
  app.add_option("--kills", kills, "goes on until so many relays were killed");
  app.add_option("--members", members, "relays in the group");
  app.add_option("--seed", seed, "of the order of events; the timing is the machine's");
  app.add_option("--protocol", protocol, "eager, cooperative or consumer")
      ->check(CLI::IsMember({"eager", "cooperative", "consumer"}));
  CLI11_PARSE(app, argc, argv);
  fmt::print("seed {}, {} members, {}\n", seed, members, protocol);
  std::optional<storm> weather;
  try {
    weather.emplace(protocol, members, seed);
    weather->rage(kills);
    weather->calm();
    if (weather->report()) return 0;
  } catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    if (weather) (void)weather->report();
  }
  if (weather) weather->keep_logs();
  return 1;
}
