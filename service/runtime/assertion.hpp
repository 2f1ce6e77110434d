// "This cannot happen", said so that it stays on in release builds: stopping is better than losing an event.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tocsin::runtime {

[[noreturn]] inline void assertion_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "tocsin: assertion failed: %s (%s:%d)\n", what, file, line);
  std::abort();
}

} // namespace tocsin::runtime

#define TOCSIN_ASSERT(condition)                                                                                                 \
  (static_cast<bool>(condition) ? void(0) : ::tocsin::runtime::assertion_failed(#condition, __FILE__, __LINE__))
