// A member of a consumer group: records in, offsets out, without ever blocking the thread that it lives on.
//
// Records wait in one queue per partition and are taken from it only while the handler wants them: back-pressure is not draining.
// Group events are served at all times, also while the handler's answer to a rebalance is awaited. Nothing is committed but what
// commit() is given.
//
// Use: make it, spawn run(), and before the end await close() while run() goes on. Everything here belongs to one thread: the one
// that runs the executor. Handlers are called on it.
#pragma once

#include "config/settings.hpp"
#include "kafka/admin_client.hpp"
#include "kafka/blocking_pool.hpp"
#include "kafka/failure.hpp"
#include "kafka/record.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::kafka {

struct assigned_partition {
  slot_id slot = 0;
  std::string topic;
  std::int32_t partition = 0;
  std::optional<std::int64_t> committed; // the group's offset; none: never committed
  std::string metadata;                  // as committed with it
  // Where consumption begins: `committed`, or what kafka.start says; the handler may change it. -1: that is not known yet,
  // because the partition has no leader.
  std::int64_t start = 0;
  // The topic was made anew while it was ours, and of the new one the group has no offset yet: one that it has is of the topic
  // before, and not told. Whoever begins here says so to the group at once.
  bool begins_anew = false;
  std::optional<std::int64_t> low, high; // watermarks at this moment; none where the broker did not tell in time
};

// What the consumer asks and tells its owner. Every partition that on_assign() has returned for ends with on_revoke() or
// on_lost(). The end of run(), by close() out of time or by an exception, cancels a coroutine of the handler that is still
// awaited.
class consumer_handler {
public:
  virtual ~consumer_handler() = default;

  // Asked before each record: whether there is room for one more of this partition. After a "no", the partition is asked again
  // when resume_intake() is called, and at least once a second. Cheap: it is on the way of every record.
  [[nodiscard]] virtual bool wants_records(slot_id slot) = 0;
  virtual void on_record(record&& received) = 0;

  // New partitions, before the first record of them: seed what keeps account of them. Nothing of them is consumed until this
  // returns; the group allows minutes, other members may be waiting.
  virtual boost::asio::awaitable<void> on_assign(std::vector<assigned_partition>& partitions) = 0;
  // The start of a partition that had none in on_assign(), before its first record: where kafka.start puts it now. With `latest`
  // that is its end at the moment when somebody could name it.
  virtual void on_start(const assigned_partition& partition) = 0;

  // Partitions to be handed over: no record of them comes any more. Finish what is in flight (bounded: a few seconds), commit,
  // return; then they are given up. Also called by close().
  virtual boost::asio::awaitable<void> on_revoke(std::vector<slot_id> slots) = 0;

  // Partitions that others may already own: forget them, commit nothing.
  virtual void on_lost(std::span<const slot_id> slots) = 0;

  // The broker no longer has offset `from`, which was to be read next: the partition goes on at `to`. from < to: [from, to)
  // was deleted before it was read. to <= from: the log was cut or made anew, and offsets come again that may be those of other
  // records: from `to` on, nothing that was committed says anything of them, and nobody can read again what is in progress; what
  // lies below is still there after a cut. Also of partitions that are being handed over, whose next owner begins where they are
  // committed anew. Called before the first record from `to` on; where there is none, after some
  // seconds. (Where brokers tell no topic ids (before 2.8), a log that has outgrown `from` is taken for the one before.)
  virtual void on_gap(slot_id slot, std::int64_t from, std::int64_t to) = 0;

  // A topic was deleted and made anew, or the cluster is another one, and this client cannot be relied on to read what there is
  // now: librdkafka takes what it hears of it for outdated, as long as its leaders have changed less often than those before, and
  // reads on where it was (2.14; librdkafka issue 4898). on_gap() was called for the partitions that had not shown it by
  // themselves, and nothing more of the topic comes; on_lost() where the cluster is another one, whose group may have offsets of
  // its own. Also where this client was fenced by its own return to the group. It is to be closed, and another one to take its
  // place.
  virtual void on_outdated() = 0;

  // An error worth counting (tocsin_kafka_errors_total{code}); the consumer has logged it where it is worth a line.
  virtual void on_error(const failure& error) = 0;

  // This member cannot go on (fenced by another with the same instance_id, `start: none` without committed offsets, ...): the
  // process is to end. Logged already. Called once.
  virtual void on_fatal(const failure& error) = 0;
};

enum class commit_verdict : std::uint8_t {
  ok,
  retry,        // rebalance under way (also with an older generation), coordinator moving, no connection: commit again, later
  not_a_member, // the group no longer counts us in: commit nothing until the next on_assign
  refused,      // will not get better by itself (authorization, metadata too large): logged as an error
};
[[nodiscard]] std::string_view to_string(commit_verdict) noexcept;

struct commit_entry {
  slot_id slot = 0;
  std::int64_t offset = 0; // the next one to be read
  std::string metadata;    // at most 4096 bytes, no NUL
};

struct commit_outcome {
  slot_id slot = 0;
  commit_verdict verdict = commit_verdict::ok;
  std::string code; // empty when ok
};

struct commit_result {
  commit_verdict verdict = commit_verdict::ok; // the worst of the entries
  std::vector<commit_outcome> entries;         // one for each entry, in its order
  std::string message;                         // for people; empty when ok
};

// lost: all of it, for good; unknown: no answer, or on_lost() is about to tell what is lost; ask again.
enum class membership : std::uint8_t { confirmed, lost, unknown };

enum class group_state : std::uint8_t { joining, stable, rebalancing };
[[nodiscard]] std::string_view to_string(group_state) noexcept;

struct group_view {
  group_state state = group_state::joining;
  std::string member_id;                  // empty until joined
  std::string_view protocol;              // classic | consumer
  std::optional<std::int32_t> generation; // member epoch with protocol consumer
  bool connected = false;                 // the cluster has answered lately
  std::optional<std::string> last_error;
};

struct watermarks {
  std::optional<std::int64_t> low, high;
};

struct slot_name {
  std::string_view topic;
  std::int32_t partition = 0;
};

// What a consumer has learned and its successor goes on with.
struct consumer_memory {
  struct slot {
    topic_partition name;
    std::set<std::int64_t> said; // offsets that the group may have of it, as far as we know
  };
  std::vector<slot> slots; // by slot_id
  std::optional<std::string> cluster_id;
  std::map<std::string, std::string> topic_ids; // of those that there are now
  // The ids of topics that are gone: who still tells them is behind the times.
  std::map<std::string, std::set<std::string>> former;
  // What was, or may have been, committed of those, and the group may still have.
  std::map<topic_partition, std::set<std::int64_t>> stale;
  // Of topics in `former`: where the group has an offset of what is there now, or had.
  std::set<topic_partition> begun;
};

// Whether a member that has a name (kafka.instance_id) keeps its place, for who comes back by that name, or gives it up: then the
// group looks at its topics anew. (A member without one always gives it up; with protocol consumer the broker looks by itself.)
enum class parting : std::uint8_t { keeps_its_place, for_good };

// What is there beside config::kafka_settings, with its defaults.
struct consumer_options {
  std::string client_id = "tocsin";
  std::chrono::milliseconds watermark_interval{2000}; // how old low and high may be
  std::chrono::milliseconds request_timeout{5000};    // of one question to the cluster; asked again as long as it takes
  std::chrono::milliseconds patience{15000};          // of an assignment with partitions of which nobody can say where they begin
  consumer_memory memory;                             // of the consumer before, if there was one
  log_function log;
};

class consumer {
public:
  // Throws configuration_error. Does not need a broker: one that is down is waited for.
  consumer(boost::asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& settings,
           consumer_handler& handler, consumer_options options = {});
  ~consumer(); // close() has ended, or run() was never started
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;

  // Joins the group and serves it until close() is through.
  [[nodiscard]] boost::asio::awaitable<void> run();

  // There is room again after wants_records() said no. Costs nothing when no partition is held back; call it freely.
  void resume_intake() noexcept;

  // Commits exactly these offsets. Calls queue up: one commit is in flight at a time.
  [[nodiscard]] boost::asio::awaitable<commit_result> commit(std::vector<commit_entry> entries);

  // Asks the coordinator whether the group still counts us in, by committing once more what is committed. Without partitions:
  // confirmed.
  [[nodiscard]] boost::asio::awaitable<membership> prove_membership();

  // The next record of an assigned partition will be the first at or after `offset`. Records not yet handed over are dropped. The
  // epoch of what was handed over before is the caller's affair.
  [[nodiscard]] boost::asio::awaitable<result<void>> seek(slot_id slot, std::int64_t offset);

  // Hands the partitions over (on_revoke), leaves the group, waits for outstanding records to be destroyed, ends run(). At most
  // `bound`, then the rest is abandoned with a line in the log. May be called again, which sets the bound anew, and without
  // run().
  [[nodiscard]] boost::asio::awaitable<void> close(std::chrono::milliseconds bound, parting how = parting::keeps_its_place);

  [[nodiscard]] group_view group() const;
  [[nodiscard]] watermarks watermarks_of(slot_id slot) const; // as of the last answer or fetch, whichever is newer
  [[nodiscard]] slot_name name_of(slot_id slot) const;
  [[nodiscard]] std::vector<slot_id> assignment() const;
  [[nodiscard]] consumer_memory memory() const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

// Every raw property that librdkafka refuses by itself, one failure each (`message` names property, value and reason). For
// `tocsin check`.
[[nodiscard]] std::vector<failure> check_each_property(const config::kafka_settings& settings);
// The same; where there is none, what librdkafka refuses of the settings as a whole.
[[nodiscard]] std::vector<failure> check_properties(const config::kafka_settings& settings);

} // namespace tocsin::kafka
