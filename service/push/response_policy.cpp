#include "push/response_policy.hpp"

#include "push/retry_after.hpp"
#include "runtime/assertion.hpp"
#include "transform/json_e/expression.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace tocsin::push {
namespace {

namespace json = boost::json;
using delivery::outcome;
using delivery::retry_reason;

constexpr std::size_t small = 4096;

// An answer is no event: nobody needs deep ones, and the body is at most 64 KiB.
json_e::limits answer_limits() {
  json_e::limits bounds;
  bounds.value_depth = 64;
  bounds.memory = std::size_t{8} << 20;
  return bounds;
}

outcome outcome_of(config::rule_outcome then) noexcept {
  switch (then) {
  case config::rule_outcome::delivered: return outcome::delivered;
  case config::rule_outcome::skipped: return outcome::skipped;
  case config::rule_outcome::rejected: return outcome::rejected;
  case config::rule_outcome::try_again: return outcome::try_again;
  case config::rule_outcome::endpoint_fault: break;
  }
  return outcome::endpoint_fault;
}

std::string describe(unsigned status) {
  const auto text = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  if (text.empty() || text == "<unknown-status>") return fmt::format("HTTP {}", status);
  return fmt::format("HTTP {} {}", status, std::string_view(text.data(), text.size()));
}

bool wants_retry(outcome o) noexcept { return o == outcome::try_again || o == outcome::endpoint_fault; }

} // namespace

void answer::clear() {
  status = 0;
  headers.clear();
  if (body.capacity() > small) std::string().swap(body); // assigning an empty one would keep the memory
  body.clear();
  retry_after.clear();
  date.clear();
  cut_short = retry_reason::none;
  cut_detail.clear();
}

outcome outcome_of(unsigned status) noexcept {
  switch (status) {
  case 401:
  case 402:
  case 403:
  case 404:
  case 407:
  case 410:
  case 421: return outcome::endpoint_fault;
  case 408:
  case 409:
  case 425:
  case 429: return outcome::try_again;
  case 501:
  case 505: return outcome::rejected;
  default: break;
  }
  if (status >= 200 && status < 300) return outcome::delivered;
  if (status >= 400 && status < 500) return outcome::rejected;
  if (status >= 500 && status < 600) return outcome::try_again;
  return outcome::endpoint_fault; // 3xx
}

struct response_policy::compiled_rules {
  struct rule {
    json_e::expression when;
    outcome then;
    std::string as;
    bool uses_body;
    bool uses_headers;
  };
  std::vector<rule> list;
  bool any_body = false;
  bool any_headers = false;
  bool any_time = false;
  json_e::scratch memory{answer_limits()};

  // The last answer that settled its event, and what was decided. Endpoints say "well done" in the same words over and over, and
  // a rule that sees only the status and the body decides the same of the same.
  struct remembered {
    unsigned status = 0; // 0: nothing yet
    std::string body;
    delivery::attempt_result result;
  };
  remembered last;

  [[nodiscard]] bool remembers(const answer& from) const noexcept {
    return last.status == from.status && from.cut_short == retry_reason::none && last.body == from.body;
  }
  void remember(const answer& from, const verdict& v) {
    const bool settles = v.result.outcome == outcome::delivered || v.result.outcome == outcome::skipped;
    if (!settles || v.failed_expressions > 0 || any_headers || any_time || from.body.size() > small) return;
    last.status = from.status;
    last.body = from.body;
    last.result = v.result;
  }
};

response_policy::response_policy(std::unique_ptr<compiled_rules> rules) : rules_(std::move(rules)) {}
response_policy::response_policy(response_policy&&) noexcept = default;
response_policy& response_policy::operator=(response_policy&&) noexcept = default;
response_policy::~response_policy() = default;

bool response_policy::empty() const noexcept { return rules_->list.empty(); }
bool response_policy::uses_body() const noexcept { return rules_->any_body; }
bool response_policy::uses_headers() const noexcept { return rules_->any_headers; }

namespace {

checked<json_e::expression> condition(const std::vector<config::response_rule>& rules, std::size_t i) {
  auto when = json_e::expression::compile(rules[i].when, json_e::vocabulary::response(), answer_limits());
  if (!when) return fault{fmt::format("endpoint.responses[{}].when: {}", i, when.error().to_string())};
  return std::move(*when);
}

} // namespace

std::vector<fault> response_policy::check(const std::vector<config::response_rule>& rules) {
  std::vector<fault> faults;
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (const auto when = condition(rules, i); !when) faults.push_back(when.error());
  return faults;
}

checked<response_policy> response_policy::compile(const std::vector<config::response_rule>& rules) {
  auto compiled = std::make_unique<compiled_rules>();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto when = condition(rules, i);
    if (!when) return when.error();
    const bool body = when->uses("body");
    const bool headers = when->uses("headers");
    compiled->any_body = compiled->any_body || body;
    compiled->any_headers = compiled->any_headers || headers;
    compiled->any_time = compiled->any_time || when->uses("now");
    compiled->list.push_back({std::move(*when), outcome_of(rules[i].then), rules[i].as, body, headers});
  }
  return response_policy(std::move(compiled));
}

namespace {

// The names that a rule sees. Built once for an answer, each member only when the first rule asks for it.
class view {
public:
  view(const answer& from, json_e::scratch& memory) : from_(from), memory_(memory), members_(&memory.memory) {
    members_["status"] = from.status;
    members_["headers"] = nullptr;
    members_["body"] = nullptr;
  }

  const json::object& with(bool headers, bool body) {
    if (headers && !has_headers_) add_headers();
    if (body && !has_body_) add_body();
    return members_;
  }

private:
  void add_headers() {
    has_headers_ = true;
    json::object all(&memory_.memory);
    for (const auto& [name, value] : from_.headers) {
      const auto [place, fresh] = all.emplace(name, value);
      if (fresh) continue;
      auto& text = place->value().as_string(); // RFC 9110 5.3: lines of one name are one list
      text.append(", ");
      text.append(value);
    }
    members_["headers"] = std::move(all);
  }

  void add_body() {
    has_body_ = true;
    auto parsed = memory_.reader.read(from_.body, &memory_.memory);
    if (parsed) {
      members_["body"] = std::move(*parsed);
    } else {
      members_["body"] = from_.body;
    }
  }

  const answer& from_;
  json_e::scratch& memory_;
  json::object members_;
  bool has_headers_ = false;
  bool has_body_ = false;
};

void complete(delivery::attempt_result& result, const answer& from, std::chrono::sys_time<std::chrono::milliseconds> now) {
  if (!wants_retry(result.outcome)) return;
  result.reason = retry_reason::status;
  result.retry_after = parse_retry_after(from.retry_after, from.date, std::chrono::floor<std::chrono::seconds>(now));
}

} // namespace

response_policy::verdict response_policy::decide(const answer& from, std::chrono::sys_time<std::chrono::milliseconds> now) const {
  TOCSIN_ASSERT(from.status >= 100 && from.status <= 599);
  verdict v;
  v.result.status = from.status;
  if (!rules_->list.empty()) {
    if (rules_->remembers(from)) return {rules_->last.result};
    auto& memory = rules_->memory;
    memory.reset();
    view names(from, memory);
    for (std::size_t i = 0; i < rules_->list.size(); ++i) {
      const auto& rule = rules_->list[i];
      if (rule.uses_body && from.cut_short != retry_reason::none) {
        v.result.outcome = outcome::try_again;
        v.result.reason = from.cut_short;
        v.result.detail = fmt::format("{}, but {}", describe(from.status), from.cut_detail);
        return v;
      }
      json_e::environment environment;
      environment.members = &names.with(rule.uses_headers, rule.uses_body);
      environment.now = now;
      const auto met = rule.when.test(environment, memory);
      if (!met) ++v.failed_expressions;
      if (!met || !*met) continue;
      v.result.outcome = rule.then;
      v.result.rule = rule.as;
      if (rule.then != outcome::delivered && rule.then != outcome::skipped) {
        v.result.detail = fmt::format("{}: endpoint.responses[{}]", describe(from.status), i);
      }
      complete(v.result, from, now);
      rules_->remember(from, v);
      return v;
    }
  }
  v.result.outcome = push::outcome_of(from.status);
  if (v.result.outcome != outcome::delivered) v.result.detail = describe(from.status);
  complete(v.result, from, now);
  if (!rules_->list.empty()) rules_->remember(from, v);
  return v;
}

} // namespace tocsin::push
