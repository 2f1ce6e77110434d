#include "transform/json_e/arena.hpp"

#include <algorithm>
#include <new>

namespace tocsin::json_e {

arena::arena(std::size_t limit, std::size_t first_block)
    : limit_(limit),
      first_block_(std::min(limit, first_block)),
      first_(std::make_unique_for_overwrite<std::byte[]>(first_block_)),
      next_(first_.get()),
      left_(first_block_) {}

void arena::reset() noexcept {
  more_.clear();
  taken_ = 0;
  next_ = first_.get();
  left_ = first_block_;
}

void* arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (void* place = try_allocate(bytes, alignment)) return place;
  throw std::bad_alloc();
}

void* arena::slow_allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t available = limit_ - first_block_ - taken_;
  if (bytes > available || alignment > available - bytes) return nullptr;
  const std::size_t wanted = std::max(bytes + alignment, std::min(available, first_block_ + taken_));
  try {
    more_.push_back(std::make_unique_for_overwrite<std::byte[]>(wanted));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  taken_ += wanted;
  next_ = more_.back().get();
  left_ = wanted;
  return try_allocate(bytes, alignment);
}

} // namespace tocsin::json_e
