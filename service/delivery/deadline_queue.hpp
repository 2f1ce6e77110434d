// Events that wait, ordered by when they are due: a binary heap that knows each event's place, so that any of them can leave.
// Waiting costs nothing; entering and leaving cost O(log n). Internal to delivery/.
#pragma once

#include "delivery/event.hpp"

namespace tocsin::delivery {

class deadline_queue {
public:
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  [[nodiscard]] index earliest() const noexcept { return heap_.front(); }

  void push(event_pool& pool, index i) {
    heap_.push_back(i);
    rise(pool, heap_.size() - 1);
  }

  void erase(event_pool& pool, index i) noexcept {
    const std::size_t hole = pool[i].heap_position;
    pool[i].heap_position = none;
    const auto last = heap_.back();
    heap_.pop_back();
    if (last == i) return;
    heap_[hole] = last;
    pool[last].heap_position = static_cast<index>(hole);
    sink(pool, hole);
    rise(pool, pool[last].heap_position);
  }

private:
  [[nodiscard]] bool earlier(const event_pool& pool, std::size_t a, std::size_t b) const noexcept {
    return pool[heap_[a]].due < pool[heap_[b]].due;
  }
  void place(event_pool& pool, std::size_t at, index i) noexcept {
    heap_[at] = i;
    pool[i].heap_position = static_cast<index>(at);
  }
  void exchange(event_pool& pool, std::size_t a, std::size_t b) noexcept {
    const auto was = heap_[a];
    place(pool, a, heap_[b]);
    place(pool, b, was);
  }
  void rise(event_pool& pool, std::size_t at) noexcept {
    pool[heap_[at]].heap_position = static_cast<index>(at);
    while (at > 0 && earlier(pool, at, (at - 1) / 2)) {
      exchange(pool, at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }
  void sink(event_pool& pool, std::size_t at) noexcept {
    for (;;) {
      auto least = at;
      for (const auto child : {2 * at + 1, 2 * at + 2})
        if (child < heap_.size() && earlier(pool, child, least)) least = child;
      if (least == at) return;
      exchange(pool, at, least);
      at = least;
    }
  }

  std::vector<index> heap_;
};

} // namespace tocsin::delivery
