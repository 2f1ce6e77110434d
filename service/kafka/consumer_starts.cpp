// Where the consumer begins to read what it is assigned: what the group has committed, or what kafka.start says.
#include "kafka/consumer_impl.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr auto retry_delay = std::chrono::milliseconds(250);

std::vector<topic_partition> names_of(const std::vector<assigned_partition>& partitions) {
  std::vector<topic_partition> names;
  for (const auto& partition : partitions) names.push_back({partition.topic, partition.partition});
  return names;
}

} // namespace

// Once more where a topic has been made anew meanwhile: what the group said may have been of the one before.
asio::awaitable<bool> consumer::impl::find_places(std::vector<assigned_partition>& partitions) {
  const auto logs = [&] {
    std::vector<std::uint32_t> now;
    for (const assigned_partition& partition : partitions) now.push_back(slots_[partition.slot].log);
    return now;
  };
  for (;;) {
    const std::vector<std::uint32_t> before = logs();
    bool found = co_await find_committed(partitions);
    if (found) found = co_await find_start(partitions);
    if (!found || logs() == before) co_return found;
  }
}

asio::awaitable<bool> consumer::impl::find_committed(std::vector<assigned_partition>& partitions) {
  for (;;) {
    const auto answer = co_await ask_group_offsets(asking(), settings_.group, names_of(partitions));
    if (superseded(partitions)) co_return false;
    std::optional<failure> failed;
    if (!answer)
      failed = answer.error();
    else {
      for (const group_offset& offset : *answer) {
        if (offset.error) failed = offset.error;
      }
    }
    if (!failed) {
      note_reachable();
      for (std::size_t i = 0; i < partitions.size(); ++i) {
        assigned_partition& partition = partitions[i];
        const topic_partition name{partition.topic, partition.partition};
        const std::optional<std::int64_t>& told = (*answer)[i].offset; // the group forgets those of topics that are deleted
        partition.begins_anew = begins_anew(name, told);
        partition.committed = partition.begins_anew ? std::nullopt : told;
        partition.metadata = partition.begins_anew ? std::string() : (*answer)[i].metadata;
        std::set<std::int64_t>& said = slots_[partition.slot].said;
        said.clear();
        if (partition.committed) {
          said.insert(*partition.committed); // stale as well, if the topic turns out to have been made anew
          note_begun(name);
        }
      }
      co_return true;
    }
    handler_.on_error(*failed);
    log(severity::warning, "committed offsets could not be read, trying again",
        {{"group", settings_.group}, {"error", failed->message}});
    co_await pause_before_retry();
  }
}

asio::awaitable<bool> consumer::impl::find_start(std::vector<assigned_partition>& partitions) {
  std::string missing;
  for (assigned_partition& partition : partitions) {
    if (partition.committed)
      partition.start = *partition.committed;
    else
      partition.start = partition.begins_anew ? 0 : -1;
    if (partition.start < 0 && !asked_back(partition))
      missing += fmt::format("{}{}-{}", missing.empty() ? "" : ", ", partition.topic, partition.partition);
  }
  if (!missing.empty() && settings_.start == config::start_policy::none) {
    fail({"_NO_OFFSET",
          fmt::format("kafka.start: none, and the group \"{}\" has no committed offset for {}: commit one for it, or "
                      "set kafka.start to earliest, latest or a time",
                      settings_.group, missing)});
    co_return false;
  }
  const auto lows = co_await ask_offsets(asking(), names_of(partitions), earliest{}, isolation::read_uncommitted);
  const auto highs = co_await ask_offsets(asking(), names_of(partitions), latest{}, isolation::read_uncommitted);
  if (superseded(partitions)) co_return false;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    partitions[i].low = lows ? (*lows)[i].offset : std::nullopt;
    partitions[i].high = highs ? (*highs)[i].offset : std::nullopt;
  }
  if (missing.empty()) co_return true;
  const bool found = co_await find_policy_start(partitions);
  co_return found;
}

// Asks until every partition without a committed offset has a place to begin at, or patience is over: the others go on, and one
// that is without a leader begins when it has one (begin_late()).
asio::awaitable<bool> consumer::impl::find_policy_start(std::vector<assigned_partition>& partitions) {
  std::vector<assigned_partition*> open;
  for (assigned_partition& partition : partitions) {
    if (!partition.committed && !partition.begins_anew && !asked_back(partition)) open.push_back(&partition);
  }
  const clock::time_point deadline = clock::now() + options_.patience;
  for (;;) {
    const std::optional<failure> failed = co_await apply_policy(open);
    if (superseded(partitions)) co_return false;
    if (!failed || clock::now() >= deadline) co_return true;
    log(severity::warning, "the start of a partition is not known yet, asking again", {{"error", failed->message}});
    co_await pause_before_retry();
    std::erase_if(open, [this](const assigned_partition* partition) { return partition->start >= 0 || asked_back(*partition); });
  }
}

// Where kafka.start puts these partitions. Of those that this cannot be said of now, `start` stays as it is, and one's reason is
// returned.
asio::awaitable<std::optional<failure>> consumer::impl::apply_policy(std::vector<assigned_partition*> open) {
  if (open.empty()) co_return std::nullopt;
  std::vector<topic_partition> names;
  for (const assigned_partition* const partition : open) names.push_back({partition->topic, partition->partition});
  offset_spec spec = earliest{};
  if (settings_.start == config::start_policy::latest) spec = latest{};
  if (settings_.start == config::start_policy::at_time) {
    spec = at_time{settings_.start_time_ms};
    // Where nothing is as young as that, the end: as it is before the question, or what comes between them would be skipped.
    const auto highs = co_await ask_offsets(asking(), names, latest{}, isolation::read_uncommitted);
    for (std::size_t i = 0; highs && i < open.size(); ++i) open[i]->high = (*highs)[i].offset;
  }
  const auto answer = co_await ask_offsets(asking(), names, spec, isolation_);
  if (!answer) co_return answer.error();
  std::optional<failure> failed;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const found_offset& found = (*answer)[i];
    if (found.error)
      failed = found.error;
    else if (found.offset)
      open[i]->start = *found.offset;
    else if (settings_.start == config::start_policy::at_time && open[i]->high)
      open[i]->start = *open[i]->high;
    else
      failed = failure{"_NO_OFFSET", fmt::format("{}-{}: no offset found", open[i]->topic, open[i]->partition)};
  }
  co_return failed;
}

asio::awaitable<void> consumer::impl::pause_before_retry() {
  asio::steady_timer timer(executor_, retry_delay);
  co_await timer.async_wait(asio::use_awaitable);
}

} // namespace tocsin::kafka
