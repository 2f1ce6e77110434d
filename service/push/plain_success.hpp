// The answer that nearly every request gets, told apart without the parser, which costs as much as everything else that happens
// to a request outside the kernel. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace tocsin::push {

// The status, where the bytes are exactly one complete HTTP/1.1 answer that Beast's parser would take too: 2xx, Content-Length
// (none with 204), nothing after it, the connection stays open. None for everything else, right or wrong: that is for the parser.
[[nodiscard]] std::optional<unsigned> plain_success(std::string_view bytes) noexcept;

} // namespace tocsin::push
