// The simulated world around one engine: Kafka, endpoint, dead-letter topic, clock, an operator, and a relay that does with the
// engine's decisions what service/app does. Throws `violation` as soon as the oracle objects.
#pragma once

#include "oracle.hpp"

#include <functional>
#include <memory>

namespace tocsin::simulation {

enum class endpoint_mode : std::uint8_t { healthy, flaky, unauthorised, failing, throttling, hanging, refusing, count_ };
enum class letter_mode : std::uint8_t { healthy, flaky, failing, full, count_ };

class model {
public:
  // `tell`: is given a line for everything that happens; may be empty.
  model(const options&, std::uint64_t seed, std::function<void(const std::string&)> tell = {});

  void step(const decision&);

  // From here on nothing fails any more: within bounded work everything must be settled and committed.
  void settle_everything();

private:
  enum class ownership : std::uint8_t { elsewhere, ours, revoking, seeking };
  struct holding { // what the relay knows of a partition
    ownership state = ownership::elsewhere;
    bool paused = false;
    bool last_commit_begun = false; // while it is being handed back
    std::uint32_t read = 0;         // index of the next record to take
    std::uint32_t target = 0;       // of a seek
    std::uint32_t tenure = 0;       // as the broker counts
  };
  struct stored_later {
    delivery::commit_entry entry;
    std::uint32_t tenure = 0;
    bool stored = false;
    std::optional<std::int64_t> cut_at; // while it was on its way
  };

  // relay
  void poll(unsigned p, unsigned most);
  void start(unsigned most, bool send_at_once);
  void send(std::size_t which);
  void finish(std::size_t which, std::uint32_t chance);
  void end_attempt(event_id, delivery::outcome, std::optional<std::chrono::milliseconds> retry_after);
  void connect_fails();
  void hand_over(unsigned most);
  void end_dead_letter(std::size_t which, std::uint32_t chance);
  void advance(duration);
  void pass_time(std::uint32_t a, std::uint32_t b);
  void begin_commit();
  void end_commit(std::uint32_t chance);
  void store(stored_later&);

  // partitions
  void begin_handing_back(unsigned p, ownership);
  void proceed(unsigned p, std::uint32_t chance);
  void release(unsigned p, ending);
  void assign(unsigned p);
  void work_elsewhere(unsigned p, std::uint32_t chance);
  void reset_offset(unsigned p, std::uint32_t a, std::uint32_t b);
  void delete_records(unsigned p, std::uint32_t chance);
  void make_anew(unsigned p);
  void cut(unsigned p, std::uint32_t chance);
  void start_process();
  void crash(std::uint32_t chance);
  void shut_down(std::uint32_t chance);
  void end_process_if_stopped(std::uint32_t chance);

  void after_engine_call();
  void change_endpoint(std::uint32_t chance);
  [[nodiscard]] bool step_towards_the_end();
  void require_all_is_done() const;
  template <typename Text>
  void tell(Text text) const {
    if (tell_) tell_(text());
  }
  [[nodiscard]] unsigned partition_of(std::uint32_t a) const { return a % static_cast<unsigned>(holdings_.size()); }

  const options& drawn_;
  std::function<void(const std::string&)> tell_;
  delivery::random_source random_; // for what a decision leaves open
  std::vector<partition> logs_;
  std::vector<holding> holdings_;
  oracle oracle_;
  std::unique_ptr<engine> engine_;
  std::vector<event_id> handed_out_, sent_, letters_;
  std::vector<stored_later> committing_;
  std::vector<delivery::settled_event> settled_;
  std::uint32_t tenures_ = 0;
  time_point now_{};
  endpoint_mode endpoint_ = endpoint_mode::healthy;
  letter_mode dead_letters_ = letter_mode::healthy;
  bool held_ = false;
  bool shutting_down_ = false;
};

} // namespace tocsin::simulation
