// What an answer means: the operator's rules first, in order, then the table of HTTP statuses. No I/O, no clock.
//
// An answer may be cut short after its header (the connection broke, or the time was up). Then the status decides as if the body
// had come, unless a rule that comes into question looks at the body: without it nobody knows what the endpoint said, and the
// attempt is made again.
#pragma once

#include "config/settings.hpp"
#include "delivery/outcome.hpp"
#include "push/fault.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::push {

// An answer whose header has come as a whole. Reused from one attempt to the next.
struct answer {
  unsigned status = 0;                                             // 100..599; 0: no header yet
  std::vector<std::pair<std::string, std::string>> headers;        // names in lower case; only where policy.uses_headers()
  std::string body;                                                // at most 64 KiB; only where policy.uses_body()
  std::string retry_after, date;                                   // the values of these two headers; only beyond 2xx
  delivery::retry_reason cut_short = delivery::retry_reason::none; // why the body is not whole; none: it is, or it is too long
  std::string cut_detail;                                          // the same for people

  void clear(); // keeps memory only where it is small
};

// The table alone (no rules).
[[nodiscard]] delivery::outcome outcome_of(unsigned status) noexcept;

class response_policy {
public:
  // Refuses a rule whose expression is wrong, naming `endpoint.responses[n].when`.
  [[nodiscard]] static checked<response_policy> compile(const std::vector<config::response_rule>&);
  // Of every rule that compile() would refuse, why.
  [[nodiscard]] static std::vector<fault> check(const std::vector<config::response_rule>&);

  response_policy(response_policy&&) noexcept;
  response_policy& operator=(response_policy&&) noexcept;
  ~response_policy();

  struct verdict {
    delivery::attempt_result result;
    unsigned failed_expressions = 0; // rules that could not be evaluated; such a rule does not match
  };
  [[nodiscard]] verdict decide(const answer&, std::chrono::sys_time<std::chrono::milliseconds> now) const;

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] bool uses_body() const noexcept;
  [[nodiscard]] bool uses_headers() const noexcept;

private:
  struct compiled_rules;
  explicit response_policy(std::unique_ptr<compiled_rules>);
  std::unique_ptr<compiled_rules> rules_;
};

} // namespace tocsin::push
