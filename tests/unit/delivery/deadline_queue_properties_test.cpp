#include "delivery/deadline_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace tocsin::delivery {
namespace {

RC_GTEST_PROP(deadline_queue_properties, behaves_like_a_sorted_set, ()) {
  event_pool pool;
  deadline_queue queue;
  std::set<std::pair<time_point, index>> model;
  const auto work =
      *rc::gen::container<std::vector<std::pair<bool, int>>>(rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange(0, 50)));
  for (const auto& [enters, number] : work) {
    if (enters) {
      const auto i = pool.allocate();
      pool[i].state = event_state::waiting_retry;
      pool[i].due = time_point(std::chrono::seconds(number));
      queue.push(pool, i);
      model.emplace(pool[i].due, i);
    } else if (!model.empty()) {
      const auto leaves = std::next(model.begin(), number % static_cast<int>(model.size()));
      queue.erase(pool, leaves->second);
      model.erase(leaves);
    }
    RC_ASSERT(queue.size() == model.size());
    if (!model.empty()) RC_ASSERT(pool[queue.earliest()].due == model.begin()->first);
  }
}

} // namespace
} // namespace tocsin::delivery
