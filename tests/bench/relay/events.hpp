// Events of about 700 bytes that carry the time at which they were produced.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::bench {

enum class shape { bytes, guance };

using mark = std::chrono::steady_clock::time_point;

// The n-th event; all of one kind are equally long. Of the order keys, event n has n % 997.
[[nodiscard]] std::string make_event(shape kind, std::uint64_t n, mark when, std::size_t size);
[[nodiscard]] std::string key_of(std::uint64_t n);

// The time at which the event was produced that this body was made of.
[[nodiscard]] std::optional<mark> mark_of(std::string_view body);

} // namespace tocsin::bench
