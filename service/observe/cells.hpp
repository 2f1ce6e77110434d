// The cells that counters, gauges and histograms are made of: one thread writes, any thread reads. A write is a relaxed load and
// a relaxed store of the same word, so it costs what an ordinary addition costs; a reader sees each word whole, and never an
// older value after a newer one. Two writers of one cell lose counts.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tocsin::observe {

class counter_cell {
public:
  void add(std::uint64_t n = 1) noexcept { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

class gauge_cell {
public:
  explicit gauge_cell(std::int64_t initial = 0) noexcept : value_(initial) {}
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_;
};

// Durations over fixed bounds. Bounds: a constexpr array of ascending upper bounds in nanoseconds, each included in its bucket.
template <const auto& Bounds>
class histogram_cell {
public:
  static constexpr std::size_t size = Bounds.size() + 1; // the last bucket has no bound

  // A negative duration (clocks that differ) counts as 0.
  void observe(std::chrono::nanoseconds duration) noexcept {
    const std::int64_t value = duration.count() > 0 ? duration.count() : 0;
    std::size_t bucket = first_by_width[std::bit_width(static_cast<std::uint64_t>(value))];
    while (bucket < Bounds.size() && value > Bounds[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_.store(sum_.load(std::memory_order_relaxed) + static_cast<double>(value), std::memory_order_relaxed);
  }

  // Of the bucket alone, not cumulative.
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept { return buckets_[bucket].value(); }
  [[nodiscard]] double sum_seconds() const noexcept { return sum_.load(std::memory_order_relaxed) / 1e9; }
  [[nodiscard]] static constexpr double bound_seconds(std::size_t bucket) noexcept {
    return static_cast<double>(Bounds[bucket]) / 1e9;
  }

private:
  // For each number of bits, the first bucket that a value of so many can belong to: from there it is a step or two.
  static constexpr std::array<std::uint8_t, 65> first_by_width = [] {
    std::array<std::uint8_t, 65> first{};
    for (std::size_t width = 1; width < first.size(); ++width)
      for (const std::int64_t bound : Bounds)
        if (static_cast<std::uint64_t>(bound) < std::uint64_t{1} << (width - 1)) ++first[width];
    return first;
  }();

  std::array<counter_cell, size> buckets_;
  std::atomic<double> sum_{0}; // nanoseconds; a double, because ages of days at full rate overflow 64 bits in seconds
};

} // namespace tocsin::observe
