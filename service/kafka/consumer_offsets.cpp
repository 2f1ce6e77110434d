// The consumer's offsets: commits one at a time, the proof of membership, seeks, and how far the partitions reach.
#include "kafka/consumer_impl.hpp"
#include "kafka/errors.hpp"
#include "kafka/reply_queue.hpp"
#include "runtime/assertion.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr auto probe_interval = std::chrono::seconds(5);            // while nothing is assigned
constexpr auto impatient_interval = std::chrono::milliseconds(500); // while somebody waits for the answer
constexpr int seek_timeout_ms = 10000;
constexpr int moves_of_late_ones = 2;

// librdkafka frees the metadata with free().
void set_metadata(rd_kafka_topic_partition_t& entry, const std::string& metadata) {
  if (metadata.empty()) return;
  entry.metadata = std::malloc(metadata.size());
  TOCSIN_ASSERT(entry.metadata != nullptr);
  std::memcpy(entry.metadata, metadata.data(), metadata.size());
  entry.metadata_size = metadata.size();
}

class turn { // ends on every way out, cancellation included
public:
  turn(bool& taken, runtime::notifier& free) : taken_(taken), free_(free) { taken_ = true; }
  ~turn() {
    taken_ = false;
    free_.notify_one();
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

private:
  bool& taken_;
  runtime::notifier& free_;
};

bool is_an_answer(const found_offset& found) { return found.offset || (found.error && !found.error->code.starts_with('_')); }

} // namespace

std::string_view to_string(commit_verdict verdict) noexcept {
  switch (verdict) {
  case commit_verdict::ok: return "ok";
  case commit_verdict::retry: return "retry";
  case commit_verdict::not_a_member: return "not_a_member";
  case commit_verdict::refused: return "refused";
  }
  return "";
}

bool consumer::impl::is_here(const place& there) const {
  const partition_slot& slot = slots_[there.slot];
  return slot.taken && slot.tenure == there.tenure && slot.log == there.log;
}

asio::awaitable<commit_result> consumer::impl::commit(std::vector<commit_entry> entries) {
  std::vector<place> places;
  for (const commit_entry& entry : entries) places.push_back(place_of(entry.slot));
  while (committing_) co_await commit_done_.wait(asio::use_awaitable);
  const turn mine(committing_, commit_done_);
  commit_result answer = co_await commit_in_turn(std::move(entries), std::move(places));
  co_return answer;
}

asio::awaitable<commit_result> consumer::impl::commit_in_turn(std::vector<commit_entry> entries, std::vector<place> places) {
  commit_result answer;
  // Of what is lost, or of the rest where only some is, the broker knows by itself. But for a named member that has just lost its
  // number, it takes the commit for that of another one, and fences it.
  const bool unsafe = !client_ || (!settings_.instance_id.empty() && rd_kafka_assignment_lost(client_.get()) != 0);
  partition_list_handle list(rd_kafka_topic_partition_list_new(static_cast<int>(entries.size())));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const commit_entry& entry = entries[i];
    partition_slot& slot = slots_.at(entry.slot);
    const bool ours = slot.taken && !unsafe;
    answer.entries.push_back(
        {entry.slot, ours ? commit_verdict::ok : commit_verdict::not_a_member, ours ? "" : "_ASSIGNMENT_LOST"});
    if (!ours) continue;
    if (!is_here(places[i])) { // an offset of what the partition was before
      answer.entries.back() = {entry.slot, commit_verdict::retry, "_OUTDATED"};
      continue;
    }
    rd_kafka_topic_partition_t& added =
        *rd_kafka_topic_partition_list_add(list.get(), slot.name.topic.c_str(), slot.name.partition);
    added.offset = entry.offset;
    slot.said.insert(entry.offset);
    set_metadata(added, entry.metadata);
  }
  if (list->cnt > 0) {
    reply_queue replies(executor_, client_.get());
    rd_kafka_commit_queue(client_.get(), list.get(), replies.get(), nullptr, nullptr);
    const event_handle event = co_await replies.next();
    const rd_kafka_resp_err_t overall = rd_kafka_event_error(event.get());
    rd_kafka_topic_partition_list_t* const done = rd_kafka_event_topic_partition_list(event.get());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      commit_outcome& outcome = answer.entries[i];
      if (outcome.verdict != commit_verdict::ok) continue;
      partition_slot& slot = slots_[entries[i].slot];
      const rd_kafka_topic_partition_t* const found =
          done == nullptr ? nullptr : rd_kafka_topic_partition_list_find(done, slot.name.topic.c_str(), slot.name.partition);
      // Where all failed for one reason, librdkafka may tell it for the whole only.
      const rd_kafka_resp_err_t own = found == nullptr ? overall : found->err;
      const bool all_failed =
          overall != RD_KAFKA_RESP_ERR_NO_ERROR && own == RD_KAFKA_RESP_ERR_NO_ERROR &&
          (found == nullptr || verdict_of(overall) == commit_verdict::not_a_member || is_unreachable(overall));
      const rd_kafka_resp_err_t code = all_failed ? overall : own;
      outcome.verdict = verdict_of(code);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        outcome.code = code_name(code);
      else if (is_here(places[i])) {
        slot.committed.emplace(entries[i].offset, entries[i].metadata);
        slot.said = {entries[i].offset};
        note_begun(slot.name);
      }
    }
  }
  for (const commit_outcome& outcome : answer.entries) {
    if (outcome.verdict <= answer.verdict) continue;
    answer.verdict = outcome.verdict;
    answer.message = fmt::format("{}-{}: {}", slots_[outcome.slot].name.topic, slots_[outcome.slot].name.partition, outcome.code);
  }
  if (answer.verdict == commit_verdict::ok && !entries.empty()) note_reachable();
  if (answer.verdict == commit_verdict::refused) {
    log(severity::error, "kafka refuses to commit", {{"group", settings_.group}, {"error", answer.message}});
  }
  co_return answer;
}

asio::awaitable<membership> consumer::impl::prove_membership() {
  while (committing_) co_await commit_done_.wait(asio::use_awaitable);
  const turn mine(committing_, commit_done_);
  // What is lost is told of (on_lost), and it need not be all.
  if (!client_) co_return membership::lost;
  if (rd_kafka_assignment_lost(client_.get()) != 0) co_return membership::unknown;
  std::vector<commit_entry> entries;
  bool received = false;
  for (slot_id slot = 0; slot < slots_.size() && entries.empty(); ++slot) {
    const partition_slot& candidate = slots_[slot];
    if (!candidate.taken) continue;
    received = received || candidate.start >= 0;
    if (candidate.committed) entries.push_back({slot, candidate.committed->first, candidate.committed->second});
  }
  // Without any there is nothing of ours to be sent, or all logs are new: what is there is committed at once, and then it is
  // asked.
  if (entries.empty()) co_return received ? membership::unknown : membership::confirmed;
  std::vector<place> places{place_of(entries.front().slot)};
  const commit_result answer = co_await commit_in_turn(std::move(entries), std::move(places));
  // A member that rejoins on its own has an assignment that is lost before the broker says so.
  if (!client_) co_return membership::lost;
  if (rd_kafka_assignment_lost(client_.get()) != 0) co_return membership::unknown;
  switch (answer.verdict) {
  case commit_verdict::ok:
  case commit_verdict::refused:
    co_return membership::confirmed; // authorization comes after membership
  // A member that the group has forgotten loses its assignment, as seen above, but in the middle of a rebalance: then it joins
  // anew with what it has, which nobody assigns again. Who let go of that would never read it again.
  case commit_verdict::not_a_member:
  case commit_verdict::retry: break;
  }
  co_return membership::unknown;
}

asio::awaitable<result<void>> consumer::impl::seek(slot_id slot, std::int64_t offset) {
  if (slot >= slots_.size() || !slots_[slot].taken || slots_[slot].stopped || !schedule_.contains(slot)) {
    co_return failure{"_STATE", fmt::format("partition {} is not assigned here", slot)};
  }
  schedule_.remove(slot); // nothing of before the seek comes after it
  slots_[slot].moves_left = 0;
  const std::uint32_t tenure = slots_[slot].tenure;
  const int code = co_await move_to(slot, offset);
  partition_slot& target = slots_[slot];
  if (!target.taken || target.stopped || target.tenure != tenure)
    co_return failure{"_STATE", fmt::format("partition {} was taken away meanwhile", slot)};
  begin_intake(slot);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    co_return failure_of(code, fmt::format("seek {}-{}", target.name.topic, target.name.partition));
  target.expected = offset;
  target.expected_deleted = target.expected_beyond = false;
  co_return result<void>();
}

asio::awaitable<int> consumer::impl::move_to(slot_id slot, std::int64_t offset) {
  const topic_partition& name = slots_[slot].name;
  auto list = std::make_shared<partition_list_handle>(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list->get(), name.topic.c_str(), name.partition)->offset = offset;
  auto code = std::make_shared<rd_kafka_resp_err_t>(RD_KAFKA_RESP_ERR_NO_ERROR);
  co_await pool_.run([client = client_.get(), list, code] {
    const error_handle error(rd_kafka_seek_partitions(client, list->get(), seek_timeout_ms));
    *code = error ? rd_kafka_error_code(error.get()) : (*list)->elems[0].err;
  });
  co_return *code;
}

asio::awaitable<void> consumer::impl::watch() {
  asio::steady_timer timer(executor_);
  for (;;) {
    std::chrono::milliseconds pause = options_.watermark_interval;
    if (assignment().empty()) {
      co_await ask_coordinator();
      pause = probe_interval;
    } else {
      co_await check_topics(options_.request_timeout);
      co_await begin_late();
      co_await move_misplaced();
      co_await refresh_watermarks();
    }
    if (reachable_ != true || any_to_place()) pause = std::min<std::chrono::milliseconds>(pause, impatient_interval);
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// Whether anybody is there: of all brokers, the coordinator of the group is the one without whom nothing goes on. (Which one is
// the cluster's controller, for one, some do not know or say.) Any answer will do.
asio::awaitable<void> consumer::impl::ask_coordinator() {
  const auto answer = co_await ask_group_offsets(asking(), settings_.group, {{settings_.topics.front(), 0}});
  if (answer || !answer.error().code.starts_with('_'))
    note_reachable();
  else if (is_unreachable(answer.error()))
    note_unreachable(answer.error().message);
}

bool consumer::impl::any_to_place() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const partition_slot& slot) { return slot.taken && (slot.start < 0 || slot.misplaced); });
}

// Partitions that had no leader when they were assigned.
asio::awaitable<void> consumer::impl::begin_late() {
  std::vector<assigned_partition> late;
  for (slot_id slot = 0; slot < slots_.size(); ++slot) {
    const partition_slot& own = slots_[slot];
    if (!own.taken || own.stopped || own.start >= 0) continue;
    assigned_partition& waiting = late.emplace_back();
    waiting.slot = slot;
    waiting.topic = own.name.topic;
    waiting.partition = own.name.partition;
    waiting.start = -1;
  }
  if (late.empty()) {
    late_because_.clear();
    co_return;
  }
  std::vector<assigned_partition*> open;
  std::vector<std::uint32_t> tenures;
  for (assigned_partition& partition : late) {
    open.push_back(&partition);
    tenures.push_back(slots_[partition.slot].tenure);
  }
  const std::optional<failure> failed = co_await apply_policy(std::move(open));
  if (failed && std::exchange(late_because_, failed->message) != failed->message)
    log(severity::warning, "a partition cannot begin yet", {{"error", failed->message}});
  for (std::size_t i = 0; i < late.size(); ++i) {
    const assigned_partition& partition = late[i];
    partition_slot& own = slots_[partition.slot];
    const auto still_waits = [&] { return own.taken && !own.stopped && own.tenure == tenures[i] && phase_ == phase::running; };
    if (partition.start < 0 || !still_waits()) continue;
    const int code = co_await move_to(partition.slot, partition.start);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || !still_waits()) continue; // asked again
    own.start = own.expected = partition.start;
    own.moves_left = moves_of_late_ones;
    own.committed.emplace(partition.start, "");
    handler_.on_start(partition);
    begin_intake(partition.slot);
  }
}

asio::awaitable<void> consumer::impl::move_misplaced() {
  for (slot_id slot = 0; slot < slots_.size(); ++slot) {
    partition_slot& own = slots_[slot];
    const std::uint32_t tenure = own.tenure;
    const auto still_waits = [&] { return own.taken && !own.stopped && own.misplaced && own.tenure == tenure; };
    if (!still_waits()) continue;
    const int code = co_await move_to(slot, own.start);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || !still_waits()) continue; // again
    own.misplaced = false;
    begin_intake(slot);
  }
}

asio::awaitable<void> consumer::impl::refresh_watermarks() {
  const std::vector<slot_id> slots = assignment();
  std::vector<topic_partition> names;
  std::vector<std::int64_t> expected;
  for (const slot_id slot : slots) {
    names.push_back(slots_[slot].name);
    expected.push_back(slots_[slot].expected);
  }
  const auto highs = co_await ask_offsets(asking(), names, latest{}, isolation::read_uncommitted);
  const auto lows = co_await ask_offsets(asking(), names, earliest{}, isolation::read_uncommitted);
  // Partitions without leaders are no cluster that is away.
  if (!highs || !lows || std::none_of(highs->begin(), highs->end(), is_an_answer)) co_return co_await ask_coordinator();
  note_reachable();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    partition_slot& slot = slots_[slots[i]];
    if (!slot.taken) continue;
    if ((*highs)[i].offset) slot.asked.high = (*highs)[i].offset;
    if ((*lows)[i].offset) slot.asked.low = (*lows)[i].offset;
    if ((*lows)[i].offset) note_low(slots[i], *(*lows)[i].offset);
    if ((*highs)[i].offset) note_high(slots[i], *(*highs)[i].offset, expected[i]);
  }
}

// What is to be read next is gone. As a rule the next record shows that (check_gap); where nothing is left to come, nothing
// would. Said only when it holds at two answers in a row with the queue empty: records fetched before the deletion may still be
// on the way.
void consumer::impl::note_low(slot_id id, std::int64_t low) {
  partition_slot& slot = slots_[id];
  if (slot.expected < 0 || low <= slot.expected) {
    slot.expected_deleted = false;
    return;
  }
  if (std::exchange(slot.expected_deleted, true) && schedule_.is_idle(id)) report_deleted(id, low);
}

// The log ends before what is to be read next: it was cut (or made anew, where nobody tells topics apart by their ids), and there
// is no record yet that would show it (check_gap). Until that is known, offsets of what is gone are committed, which a restart
// might take for those of what comes.
// `expected_before`: as it was when the question was asked, because since then more may have come and been read.
void consumer::impl::note_high(slot_id id, std::int64_t high, std::int64_t expected_before) {
  partition_slot& slot = slots_[id];
  const bool cut_or_empty = slot.topic_known || high == slot.asked.low;
  if (high >= expected_before || slot.expected != expected_before || !cut_or_empty) {
    slot.expected_beyond = false;
    return;
  }
  if (std::exchange(slot.expected_beyond, true) && schedule_.is_idle(id)) report_other_log(id, high);
}

void consumer::impl::report_deleted(slot_id id, std::int64_t low) {
  partition_slot& slot = slots_[id];
  const std::int64_t from = std::exchange(slot.expected, low);
  slot.expected_deleted = false;
  log(severity::warning, "records were deleted before they were read",
      {{"topic", slot.name.topic},
       {"partition", std::to_string(slot.name.partition)},
       {"from", std::to_string(from)},
       {"to", std::to_string(low)}});
  handler_.on_gap(id, from, low);
}

watermarks consumer::impl::watermarks_of(slot_id id) const {
  const partition_slot& slot = slots_.at(id);
  watermarks known = slot.asked;
  if (!client_ || !slot.taken) return known;
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(client_.get(), slot.name.topic.c_str(), slot.name.partition, &low, &high);
  if (low > known.low.value_or(-1)) known.low = low;
  if (high > known.high.value_or(-1)) known.high = high;
  return known;
}

} // namespace tocsin::kafka
