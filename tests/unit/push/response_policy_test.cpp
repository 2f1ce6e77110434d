#include "push/response_policy.hpp"

#include <gmock/gmock.h>

namespace tocsin::push {
namespace {

using namespace std::chrono_literals;
using config::rule_outcome;
using delivery::outcome;
using delivery::retry_reason;
using testing::HasSubstr;

constexpr std::chrono::sys_time<std::chrono::milliseconds> now{1'790'000'000s};

answer of(unsigned status, std::string body = {}) {
  answer a;
  a.status = status;
  a.body = std::move(body);
  return a;
}

delivery::attempt_result judged(const std::vector<config::response_rule>& rules, const answer& a) {
  return response_policy::compile(rules).value().decide(a, now).result;
}

TEST(table, is_the_documented_one) {
  const std::map<outcome, std::vector<unsigned>> table{
      {outcome::delivered, {200, 201, 202, 203, 204, 206, 226, 299}},
      {outcome::rejected, {400, 405, 406, 411, 413, 414, 415, 422, 431, 501, 505, 418, 451, 499}},
      {outcome::try_again, {408, 409, 425, 429, 500, 502, 503, 504, 507, 520, 599}},
      {outcome::endpoint_fault, {300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 407, 410, 421}}};
  for (const auto& [expected, statuses] : table) {
    for (const auto status : statuses) EXPECT_EQ(outcome_of(status), expected) << status;
  }
}

TEST(policy, without_rules_is_the_table) {
  EXPECT_EQ(judged({}, of(204)).outcome, outcome::delivered);
  const auto result = judged({}, of(503));
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::status);
  EXPECT_EQ(result.status, 503U);
  EXPECT_EQ(result.detail, "HTTP 503 Service Unavailable");
  EXPECT_EQ(judged({}, of(477)).detail, "HTTP 477");
  EXPECT_EQ(judged({}, of(400)).reason, retry_reason::none) << "a rejected event is not retried";
}

TEST(policy, the_original_bridge) {
  const std::vector<config::response_rule> rules{
      {"status == 200 && body.code == 0", rule_outcome::delivered, ""},
      {"status == 400 && 'not match any cmdb instance' in body.error", rule_outcome::skipped, "no_matching_instance"},
      {"status == 200", rule_outcome::rejected, ""}};
  EXPECT_EQ(judged(rules, of(200, R"({"code":0})")).outcome, outcome::delivered);
  EXPECT_EQ(judged(rules, of(200, R"({"code":7})")).outcome, outcome::rejected);
  EXPECT_EQ(judged(rules, of(200, "not JSON")).outcome, outcome::rejected);
  const auto skipped = judged(rules, of(400, R"({"error":"no such instance"})"));
  EXPECT_EQ(skipped.outcome, outcome::rejected) << "the rule's text has to be there";
  const auto met = judged(rules, of(400, R"({"error":"host x: not match any cmdb instance"})"));
  EXPECT_EQ(met.outcome, outcome::skipped);
  EXPECT_EQ(met.rule, "no_matching_instance");
  EXPECT_EQ(judged(rules, of(503, "{}")).outcome, outcome::try_again);
}

TEST(policy, the_first_rule_that_is_met_decides) {
  const std::vector<config::response_rule> rules{{"status >= 500", rule_outcome::endpoint_fault, ""},
                                                 {"status == 503", rule_outcome::rejected, ""}};
  const auto result = judged(rules, of(503));
  EXPECT_EQ(result.outcome, outcome::endpoint_fault);
  EXPECT_THAT(result.detail, HasSubstr("endpoint.responses[0]"));
}

TEST(policy, every_outcome_can_be_had) {
  const std::map<rule_outcome, outcome> all{{rule_outcome::delivered, outcome::delivered},
                                            {rule_outcome::skipped, outcome::skipped},
                                            {rule_outcome::rejected, outcome::rejected},
                                            {rule_outcome::try_again, outcome::try_again},
                                            {rule_outcome::endpoint_fault, outcome::endpoint_fault}};
  for (const auto& [then, expected] : all) EXPECT_EQ(judged({{"true", then, "x"}}, of(200)).outcome, expected);
}

TEST(policy, a_rule_that_fails_is_counted_and_not_met) {
  const auto policy = response_policy::compile({{"body.code.deep == 0", rule_outcome::rejected, ""}}).value();
  const auto verdict = policy.decide(of(200, R"({"code":1})"), now);
  EXPECT_EQ(verdict.failed_expressions, 1U);
  EXPECT_EQ(verdict.result.outcome, outcome::delivered);
}

TEST(policy, a_body_that_is_not_json_is_its_text) {
  EXPECT_EQ(judged({{"body == 'accepted'", rule_outcome::skipped, "x"}}, of(500, "accepted")).outcome, outcome::skipped);
  EXPECT_EQ(judged({{"body == ''", rule_outcome::skipped, "x"}}, of(204)).outcome, outcome::skipped);
}

TEST(policy, decides_the_same_of_the_same_answer_and_anew_of_another) {
  const auto policy = response_policy::compile({{"status == 200 && body.code == 0", rule_outcome::delivered, ""},
                                                {"status == 200 && body.code == 1", rule_outcome::skipped, "known"},
                                                {"status == 200", rule_outcome::rejected, ""}})
                          .value();
  const auto good = of(200, R"({"code":0})"), known = of(200, R"({"code":1})"), bad = of(200, R"({"code":2})");
  const auto decided = [&](const answer& a) { return policy.decide(a, now).result; };
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(decided(good).outcome, outcome::delivered);
    EXPECT_EQ(decided(good).outcome, outcome::delivered);
    EXPECT_EQ(decided(known).rule, "known");
    EXPECT_EQ(decided(known).rule, "known");
    EXPECT_EQ(decided(bad).outcome, outcome::rejected);
    EXPECT_EQ(decided(good).rule, "");
    EXPECT_EQ(decided(of(500, good.body)).outcome, outcome::try_again) << "the same body with another status";
    auto cut = good;
    cut.cut_short = retry_reason::reset;
    EXPECT_EQ(decided(cut).outcome, outcome::try_again) << "its end is missing";
  }
}

TEST(policy, what_a_rule_says_of_the_time_or_of_a_header_is_said_anew_of_every_answer) {
  const auto timely = response_policy::compile({{"now < '2026-11-23T00:00:00.000Z'", rule_outcome::skipped, "early"}}).value();
  const std::chrono::sys_time<std::chrono::milliseconds> evening = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 23h;
  EXPECT_EQ(timely.decide(of(200), evening).result.rule, "early");
  EXPECT_EQ(timely.decide(of(200), evening + 2h).result.rule, "");

  const auto named = response_policy::compile({{"headers['x-known'] == 'yes'", rule_outcome::skipped, "known"}}).value();
  auto yes = of(200), no = of(200);
  yes.headers = {{"x-known", "yes"}};
  no.headers = {{"x-known", "no"}};
  EXPECT_EQ(named.decide(yes, now).result.rule, "known");
  EXPECT_EQ(named.decide(no, now).result.rule, "");
}

TEST(policy, a_rule_that_failed_is_counted_for_every_answer) {
  const auto policy = response_policy::compile({{"body.code.deep == 0", rule_outcome::rejected, ""}}).value();
  for (int round = 0; round < 2; ++round) EXPECT_EQ(policy.decide(of(200, R"({"code":1})"), now).failed_expressions, 1U);
}

TEST(policy, knows_what_its_rules_look_at) {
  const auto status = response_policy::compile({{"status == 200", rule_outcome::delivered, ""}}).value();
  EXPECT_FALSE(status.uses_body() || status.uses_headers() || status.empty());
  const auto body =
      response_policy::compile({{"status == 1", rule_outcome::delivered, ""}, {"body == 1", rule_outcome::delivered, ""}})
          .value();
  EXPECT_TRUE(body.uses_body() && !body.uses_headers());
  const auto headers = response_policy::compile({{"'x' in headers", rule_outcome::delivered, ""}}).value();
  EXPECT_TRUE(headers.uses_headers() && !headers.uses_body());
}

TEST(policy, without_the_whole_body_a_rule_on_it_decides_nothing) {
  const std::vector<config::response_rule> rules{{"status == 404", rule_outcome::rejected, ""},
                                                 {"body.code == 0", rule_outcome::delivered, ""}};
  auto cut = of(200, R"({"code":)");
  cut.cut_short = retry_reason::timeout;
  cut.cut_detail = "timed out";
  const auto result = judged(rules, cut);
  EXPECT_EQ(result.outcome, outcome::try_again);
  EXPECT_EQ(result.reason, retry_reason::timeout);
  EXPECT_EQ(result.status, 200U);
  EXPECT_EQ(result.detail, "HTTP 200 OK, but timed out");
  cut.status = 404;
  EXPECT_EQ(judged(rules, cut).outcome, outcome::rejected);
  cut.status = 200;
  EXPECT_EQ(judged({}, cut).outcome, outcome::delivered) << "the status alone decides";
}

TEST(policy, retry_after_counts_where_there_is_another_time) {
  auto a = of(429);
  a.retry_after = "30";
  EXPECT_EQ(judged({}, a).retry_after, 30s);
  a.status = 400;
  EXPECT_EQ(judged({}, a).retry_after, std::nullopt);
  a.status = 404;
  EXPECT_EQ(judged({}, a).retry_after, 30s);
}

TEST(policy, a_wrong_expression_is_named) {
  const auto refused =
      response_policy::compile({{"true", rule_outcome::delivered, ""}, {"statu == 200", rule_outcome::delivered, ""}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::AllOf(HasSubstr("endpoint.responses[1].when"), HasSubstr("statu")));
}

TEST(answer, gives_large_memory_back) {
  auto a = of(200, std::string(60'000, 'x'));
  a.clear();
  EXPECT_LT(a.body.capacity(), 5000U);
  EXPECT_EQ(a.status, 0U);
}

} // namespace
} // namespace tocsin::push
