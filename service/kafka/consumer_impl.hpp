// The consumer's inside, in six files: consumer.cpp (records, events), consumer_group.cpp (rebalances), consumer_starts.cpp
// (where partitions begin), consumer_offsets.cpp (commits, seeks, watermarks), consumer_topics.cpp (topics made anew),
// consumer_close.cpp. Four coroutines on one thread: serve() drains queues, follow_group() answers rebalances one after the
// other, watch() asks for watermarks and topics, tick() sees to it that nothing sleeps for more than a second.
#pragma once

#include "kafka/admin_requests.hpp"
#include "kafka/consumer.hpp"
#include "kafka/handles.hpp"
#include "kafka/intake_schedule.hpp"
#include "kafka/rediscovery.hpp"
#include "kafka/wakeups.hpp"
#include "runtime/notifier.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <set>

namespace tocsin::kafka {

class consumer::impl {
public:
  impl(boost::asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& settings,
       consumer_handler& handler, consumer_options options);
  ~impl();

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> close(std::chrono::milliseconds bound, parting how);
  boost::asio::awaitable<commit_result> commit(std::vector<commit_entry> entries);
  boost::asio::awaitable<membership> prove_membership();
  boost::asio::awaitable<result<void>> seek(slot_id slot, std::int64_t offset);
  void resume_intake() noexcept;
  group_view group() const;
  watermarks watermarks_of(slot_id slot) const;
  slot_name name_of(slot_id slot) const;
  std::vector<slot_id> assignment() const;
  consumer_memory memory() const;

private:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds closing_tick{5};

  struct partition_slot {
    topic_partition name;
    queue_handle queue;         // while assigned
    bool taken = false;         // the handler has been told of it and has not given it up
    std::uint32_t tenure = 0;   // how often it has been taken
    bool stopped = false;       // it is to be given up: nothing of it is handed over any more
    std::int64_t expected = -1; // the next offset, as far as offsets have no gaps; -1: not known
    std::int64_t start = -1;    // where this assignment began; -1: not known yet
    // What may be committed at any time without moving anything: what was acknowledged last, with its metadata, or the start.
    std::optional<std::pair<std::int64_t, std::string>> committed;
    std::set<std::int64_t> said;        // offsets that the group may have: as told, acknowledged last, or asked for since
    watermarks asked;                   // as of the last answer
    bool expected_deleted = false;      // the last answer said low > expected
    bool expected_beyond = false;       // the last answer said high < expected
    bool topic_known = false;           // by its id, since before the start was asked for
    std::uint32_t shown = 0;            // how often its records have shown it
    std::uint32_t shown_when_asked = 0; // `shown`, when the topic's id was told for the last time
    std::uint32_t log = 0;              // how often it was found cut or made anew
    int moves_left = 0;     // begun late: how often it is moved again where it began to be read before `start` all the same
    bool misplaced = false; // it did, and is to be moved
  };

  struct rebalance {
    event_handle event;
    bool assign = false;
    bool lost = false;
  };

  // consumer.cpp
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<void> tick();
  void note(std::span<const std::uint64_t> numbers);
  bool serve_group_queue(); // whether there is more
  void drain();
  void drain_slot(slot_id slot, int quantum);
  void on_partition_event(slot_id slot, event_handle event);
  void on_group_event(event_handle event);
  void on_stray_record(rd_kafka_op_s* event);
  void on_error_event(rd_kafka_op_s* event);
  void on_log_event(rd_kafka_op_s* event);
  bool fenced_by_ourselves();
  bool comes_too_early(partition_slot& slot, std::int64_t offset);
  void check_gap(slot_id slot, std::int64_t offset);
  void report_other_log(slot_id slot, std::int64_t from_now_on);
  void fail(failure error);
  void log(severity level, std::string_view text,
           std::initializer_list<std::pair<std::string_view, std::string_view>> fields) const;
  void note_reachable();
  void note_unreachable(std::string_view reason);

  // consumer_group.cpp
  slot_id slot_of(const topic_partition& name);
  boost::asio::awaitable<void> subscribe();
  boost::asio::awaitable<void> follow_group();
  boost::asio::awaitable<void> take_over(const rebalance& change);
  boost::asio::awaitable<void> hand_over(const rebalance& change);
  boost::asio::awaitable<void> answer(const rebalance& change, partition_list_handle list);
  void open(std::vector<assigned_partition>& partitions);
  void begin_intake(slot_id slot);
  std::vector<slot_id> slots_in(const rd_kafka_topic_partition_list_s* list);
  void stop_intake(std::span<const slot_id> slots);
  boost::asio::awaitable<void> give_up(std::vector<slot_id> slots, bool lost);
  bool asked_back(const assigned_partition& partition) const;
  bool superseded(const std::vector<assigned_partition>& partitions) const;

  // consumer_starts.cpp
  boost::asio::awaitable<bool> find_places(std::vector<assigned_partition>& partitions);
  boost::asio::awaitable<bool> find_committed(std::vector<assigned_partition>& partitions);
  boost::asio::awaitable<bool> find_start(std::vector<assigned_partition>& partitions);
  boost::asio::awaitable<bool> find_policy_start(std::vector<assigned_partition>& partitions);
  boost::asio::awaitable<std::optional<failure>> apply_policy(std::vector<assigned_partition*> open);
  boost::asio::awaitable<void> pause_before_retry();

  // consumer_offsets.cpp
  struct place {
    slot_id slot;
    std::uint32_t tenure, log;
  };
  place place_of(slot_id slot) const { return {slot, slots_[slot].tenure, slots_[slot].log}; }
  bool is_here(const place& there) const; // it is ours since then, and its log is the same
  boost::asio::awaitable<commit_result> commit_in_turn(std::vector<commit_entry> entries, std::vector<place> places);
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<void> ask_coordinator();
  boost::asio::awaitable<void> refresh_watermarks();
  bool any_to_place() const;
  boost::asio::awaitable<void> begin_late();
  boost::asio::awaitable<void> move_misplaced();
  boost::asio::awaitable<int> move_to(slot_id slot, std::int64_t offset); // librdkafka's code
  void note_low(slot_id slot, std::int64_t low);
  void note_high(slot_id slot, std::int64_t high, std::int64_t expected_before);
  void report_deleted(slot_id slot, std::int64_t low);
  admin_context asking() const { return {executor_, client_.get(), options_.request_timeout}; }

  // consumer_topics.cpp
  boost::asio::awaitable<void> check_topics(std::chrono::milliseconds timeout);
  bool all_known(const std::vector<std::optional<std::string>>& ids) const;
  std::set<std::string> made_anew(const std::vector<std::optional<std::string>>& ids) const;
  void begin_anew(const std::set<std::string>& topics);
  bool begins_anew(const topic_partition& name, std::optional<std::int64_t> told) const;
  void note_begun(const topic_partition& name);
  void leave_cluster();

  // consumer_close.cpp
  boost::asio::awaitable<void> unsubscribe();
  boost::asio::awaitable<void> end_run();
  boost::asio::awaitable<void> answer_what_is_left(clock::time_point until);
  boost::asio::awaitable<void> destroy_client();

  boost::asio::any_io_executor executor_;
  blocking_pool& pool_;
  config::kafka_settings settings_;
  consumer_handler& handler_;
  consumer_options options_; // with its memory as it is now, but for the slots
  bool consumer_protocol_ = false;
  isolation isolation_ = isolation::read_committed;
  std::size_t pinned_ = 0; // records that hold librdkafka's memory

  wakeups wakeups_; // before the client and its queues: they ring there
  client_handle client_;
  queue_handle group_queue_;
  std::deque<partition_slot> slots_;
  std::map<topic_partition, slot_id> slot_ids_;
  intake_schedule schedule_;

  std::deque<rebalance> rebalances_;
  bool answering_ = false;
  bool taking_over_ = false; // what is answered is an assignment
  bool incremental_ = false; // the group's protocol, as of the last answer
  int telling_ = 0;          // calls that change the membership and are running on the pool
  bool left_ = false;        // the last answer is given
  bool joined_ = false;
  bool ever_joined_ = false;
  std::string member_id_;
  std::optional<std::int32_t> generation_;
  runtime::notifier rebalance_arrived_;

  bool committing_ = false;
  runtime::notifier commit_done_;

  std::optional<bool> reachable_; // none: not known yet
  rediscovery rediscovery_;
  std::optional<std::string> last_error_;
  std::map<std::string, clock::time_point> logged_errors_;
  std::string late_because_; // as last told
  bool failed_ = false;
  clock::time_point lost_at_; // when something was lost for the last time
  bool to_close_ = false;
  clock::time_point close_by_; // as whoever asked last has said
  bool ended_ = true;          // not: the client is still on its way out of the group

  enum class phase { idle, running, closing, closed };
  phase phase_ = phase::idle;
  bool in_run_ = false;
  bool finished_ = false;
  boost::asio::steady_timer tick_timer_;
};

} // namespace tocsin::kafka
