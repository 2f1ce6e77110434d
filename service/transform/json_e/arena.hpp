#pragma once

#include <boost/json/memory_resource.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace tocsin::json_e {

// Memory for one event: handed out by moving a pointer, given back all at once by reset(). It is a Boost.JSON memory resource, so
// that the event's parsed document may live in it too: `boost::json::storage_ptr(&arena)`. Containers in it need no destruction.
// Not thread-safe. Neither movable nor copyable.
class arena final : public boost::json::memory_resource {
public:
  // `limit`: the bytes to hand out between two resets; `first_block`: the bytes kept for ever.
  explicit arena(std::size_t limit, std::size_t first_block = std::size_t{64} << 10);
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  // Null where the limit would be passed.
  [[nodiscard]] void* try_allocate(std::size_t bytes, std::size_t alignment) noexcept {
    const std::size_t padding = (alignment - (reinterpret_cast<std::size_t>(next_) & (alignment - 1))) & (alignment - 1);
    if (bytes + padding <= left_) [[likely]] {
      void* place = next_ + padding;
      next_ += padding + bytes;
      left_ -= padding + bytes;
      return place;
    }
    return slow_allocate(bytes, alignment);
  }
  // An array of `count` uninitialised T, or null.
  template <class T>
  [[nodiscard]] T* try_allocate_array(std::size_t count) noexcept {
    if (count > limit_ / sizeof(T)) return nullptr;
    return static_cast<T*>(try_allocate(count * sizeof(T), alignof(T)));
  }
  // Gives the end of the last allocation back; `bytes` were not used.
  void give_back(std::size_t bytes) noexcept {
    next_ -= bytes;
    left_ += bytes;
  }

  // Everything handed out is gone; the first block stays for the next event.
  void reset() noexcept;

private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override; // throws std::bad_alloc past the limit
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override { return this == &other; }
  void* slow_allocate(std::size_t bytes, std::size_t alignment) noexcept;

  std::size_t limit_;
  std::size_t first_block_;
  std::size_t taken_ = 0; // bytes in blocks, the first one apart
  std::unique_ptr<std::byte[]> first_;
  std::vector<std::unique_ptr<std::byte[]>> more_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

} // namespace tocsin::json_e

template <>
struct boost::json::is_deallocate_trivial<tocsin::json_e::arena> {
  static constexpr bool value = true;
};
