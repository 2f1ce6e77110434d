#include "delivery/offset_tracker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace tocsin::delivery {
namespace {

// A log of offsets with gaps, and which of them are settled: what the tracker must know at any time, also through restarts.
struct plain {
  std::map<std::int64_t, bool> settled; // of all received
  [[nodiscard]] std::int64_t lowest_unsettled() const {
    for (const auto& [offset, done] : settled)
      if (!done) return offset;
    return settled.empty() ? 0 : settled.rbegin()->first + 1;
  }
};

class tracked {
public:
  tracked() { tracker_.assign(0, std::nullopt); }

  void receive(std::int64_t offset, plain& model) {
    const auto what = tracker_.classify(offset);
    RC_ASSERT(what != offset_tracker::arrival::behind);
    RC_ASSERT((what == offset_tracker::arrival::settled_before) == (model.settled.contains(offset) && model.settled[offset]));
    tracker_.received(offset);
    if (what == offset_tracker::arrival::settled_before) return;
    model.settled[offset] = false;
    const auto i = pool_.allocate();
    pool_[i].state = event_state::queued;
    pool_[i].offset = offset;
    tracker_.unsettled(pool_, i);
    waiting_[offset] = i;
  }

  void settle_one(std::size_t which, plain& model) {
    if (waiting_.empty()) return;
    const auto chosen = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(which % waiting_.size()));
    tracker_.remove(pool_, chosen->second);
    tracker_.settled(chosen->first);
    pool_.release(chosen->second);
    model.settled[chosen->first] = true;
    waiting_.erase(chosen);
  }

  // Commits, and begins again from there as a new process would. Returns where.
  std::int64_t restart() {
    const auto taken = tracker_.take_snapshot(pool_);
    RC_ASSERT(taken.complete);
    pool_ = event_pool();
    waiting_.clear();
    tracker_ = offset_tracker();
    tracker_.assign(taken.offset, decode(taken.metadata, taken.offset));
    return taken.offset;
  }

  [[nodiscard]] offset_tracker::snapshot snapshot() const { return tracker_.take_snapshot(pool_); }

private:
  event_pool pool_;
  offset_tracker tracker_;
  std::map<std::int64_t, index> waiting_;
};

RC_GTEST_PROP(offset_tracker_properties, knows_what_a_plain_set_knows, ()) {
  // The partition: ascending offsets with gaps.
  std::vector<std::int64_t> log;
  for (std::int64_t offset = 0; const auto gap : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5)))
    log.push_back(offset += 1 + gap);

  tracked tracker;
  plain model;
  std::size_t next = 0;
  for (const auto& [what, which] : *rc::gen::container<std::vector<std::pair<int, std::size_t>>>(
           rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange<std::size_t>(0, 1000)))) {
    if (what < 6 && next < log.size()) {
      tracker.receive(log[next++], model);
    } else if (what < 11) {
      tracker.settle_one(which, model);
    } else {
      const auto from = tracker.restart();
      next = static_cast<std::size_t>(std::lower_bound(log.begin(), log.end(), from) - log.begin());
      // What was received but not settled is received again.
      std::erase_if(model.settled, [](const auto& one) { return !one.second; });
    }
    const auto taken = tracker.snapshot();
    for (const auto& [offset, done] : model.settled) {
      if (!done) RC_ASSERT(taken.offset <= offset);
    }
  }
}

RC_GTEST_PROP(offset_tracker_properties, commits_the_lowest_unsettled_offset_or_the_position, ()) {
  tracked tracker;
  plain model;
  for (std::int64_t offset = 0; const auto what : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100))) {
    if (what < 50) {
      tracker.receive(offset, model);
      offset += 1 + what % 3;
    } else {
      tracker.settle_one(static_cast<std::size_t>(what), model);
    }
    RC_ASSERT(tracker.snapshot().offset == model.lowest_unsettled());
  }
}

} // namespace
} // namespace tocsin::delivery
