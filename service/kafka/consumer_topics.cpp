// Whether the topics are still those that were assigned, and the cluster the one that they were in.
#include "kafka/consumer_impl.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tocsin::kafka {
namespace asio = boost::asio;

std::set<std::string> consumer::impl::made_anew(const std::vector<std::optional<std::string>>& ids) const {
  std::set<std::string> others;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto known = options_.memory.topic_ids.find(settings_.topics[i]);
    if (!ids[i] || known == options_.memory.topic_ids.end() || known->second == *ids[i]) continue;
    const auto former = options_.memory.former.find(known->first);
    const bool behind = former != options_.memory.former.end() && former->second.contains(*ids[i]);
    if (!behind) others.insert(known->first);
  }
  return others;
}

// One that is known of old may also be that of a cluster that has been here before.
bool consumer::impl::all_known(const std::vector<std::optional<std::string>>& ids) const {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto known = options_.memory.topic_ids.find(settings_.topics[i]);
    if (ids[i] && known != options_.memory.topic_ids.end() && known->second != *ids[i]) return false;
  }
  return true;
}

asio::awaitable<void> consumer::impl::check_topics(std::chrono::milliseconds timeout) {
  const admin_context asking_briefly{executor_, client_.get(), timeout};
  auto ids = co_await ask_topic_ids(asking_briefly, settings_.topics);
  if (!ids || phase_ != phase::running) co_return;
  if (!all_known(*ids)) { // an id that is another one at every answer is none
    const auto again = co_await ask_topic_ids(asking_briefly, settings_.topics);
    if (!again || phase_ != phase::running) co_return;
    for (std::size_t i = 0; i < ids->size(); ++i) {
      if ((*ids)[i] != (*again)[i]) (*ids)[i].reset();
    }
  }
  consumer_memory& known = options_.memory;
  bool other_cluster = false;
  if (!known.cluster_id || !all_known(*ids)) {
    const auto cluster = co_await ask_cluster_id(asking_briefly);
    if (!cluster || phase_ != phase::running) co_return;
    if (*cluster) other_cluster = *cluster != std::exchange(known.cluster_id, *cluster).value_or(**cluster);
  }
  if (other_cluster) {
    known.topic_ids.clear();
    known.former.clear();
    known.stale.clear();
    known.begun.clear();
  }
  const std::set<std::string> others = made_anew(*ids); // whoever asked at the same time may have had the answer before
  for (std::size_t i = 0; i < ids->size(); ++i) {
    const std::string& topic = settings_.topics[i];
    if (!(*ids)[i] || (known.topic_ids.contains(topic) && !others.contains(topic))) continue;
    if (others.contains(topic)) known.former[topic].insert(known.topic_ids[topic]);
    known.topic_ids[topic] = *(*ids)[i];
  }
  if (other_cluster)
    leave_cluster();
  else if (!others.empty())
    begin_anew(others);
  for (partition_slot& slot : slots_) {
    const auto place = std::find(settings_.topics.begin(), settings_.topics.end(), slot.name.topic);
    if (place != settings_.topics.end() && (*ids)[static_cast<std::size_t>(place - settings_.topics.begin())])
      slot.shown_when_asked = slot.shown;
  }
}

// The group has no offset of what is there since the topic was made anew: none, or one of the topic before.
bool consumer::impl::begins_anew(const topic_partition& name, std::optional<std::int64_t> told) const {
  const consumer_memory& known = options_.memory;
  if (!known.former.contains(name.topic) || known.begun.contains(name)) return false;
  const auto stale = known.stale.find(name);
  return !told || (stale != known.stale.end() && stale->second.contains(*told));
}

void consumer::impl::note_begun(const topic_partition& name) {
  options_.memory.stale.erase(name);
  if (options_.memory.former.contains(name.topic)) options_.memory.begun.insert(name);
}

// Intake of what has not shown it by itself ends here: it may still be what was fetched of the topic before.
void consumer::impl::begin_anew(const std::set<std::string>& topics) {
  std::erase_if(options_.memory.begun, [&](const topic_partition& name) { return topics.contains(name.topic); });
  std::vector<slot_id> outdated;
  for (slot_id id = 0; id < slots_.size(); ++id) {
    partition_slot& slot = slots_[id];
    const bool shown = slot.taken && slot.shown != slot.shown_when_asked;
    if (!topics.contains(slot.name.topic) || shown) continue;
    outdated.push_back(id);
    options_.memory.stale[slot.name].merge(slot.said);
    if (slot.taken && slot.start >= 0)
      report_other_log(id, 0);
    else
      ++slot.log; // no commit that is on its way is of this one
  }
  if (outdated.empty()) return;
  stop_intake(outdated);
  for (const std::string& topic : topics)
    log(severity::warning, "a topic was deleted and made anew: what there is of it is read from its beginning",
        {{"topic", topic}});
  handler_.on_outdated();
}

// Nothing of before says anything of what is here, and what was received can be read by nobody; but the group may have offsets.
void consumer::impl::leave_cluster() {
  log(severity::warning, "kafka is another cluster: what it has is read from where the group has come there",
      {{"brokers", settings_.brokers}, {"group", settings_.group}});
  const std::vector<slot_id> slots = assignment();
  for (partition_slot& slot : slots_) slot.said.clear();
  for (const slot_id slot : slots) {
    if (slots_[slot].start >= 0) report_other_log(slot, 0);
  }
  stop_intake(slots);
  for (const slot_id slot : slots) slots_[slot].taken = false;
  handler_.on_lost(slots);
  handler_.on_outdated();
}

} // namespace tocsin::kafka
