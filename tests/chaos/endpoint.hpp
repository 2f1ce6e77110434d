// An endpoint with moods. It tells the ledger of every request, and what it does with it, before it answers.
#pragma once

#include "ledger.hpp"
#include "support/http_server.hpp"

#include <atomic>
#include <cstdint>
#include <random>

namespace tocsin::chaos {

enum class mood : std::uint8_t { fine, flaky, slow, hanging, unauthorised, throttling, failing, half_answers, refusing, count_ };
[[nodiscard]] std::string_view name_of(mood) noexcept;

class endpoint {
public:
  explicit endpoint(ledger&);
  void change(mood);
  [[nodiscard]] std::string url() const { return server_.url("/events"); }

private:
  test::http_reply answer(const test::http_request&);

  ledger& ledger_;
  std::atomic<mood> mood_{mood::fine};
  std::mt19937 random_{1}; // on the server's thread only
  test::http_server server_;
  bool listening_ = true;
};

} // namespace tocsin::chaos
