// The answer that nearly every request gets, told apart without the parser, which costs as much as everything else that happens
// to a request outside the kernel. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace tocsin::push {

struct plain_answer {
  unsigned status = 0;   // 2xx
  std::string_view body; // a part of the bytes

  friend bool operator==(const plain_answer&, const plain_answer&) = default;
};

// The answer, where the bytes are exactly one complete HTTP/1.1 answer that Beast's parser would take too: 2xx, Content-Length
// (none with 204), nothing after it, the connection stays open. None for everything else, right or wrong: that is for the parser.
[[nodiscard]] std::optional<plain_answer> plain_success(std::string_view bytes) noexcept;

} // namespace tocsin::push
