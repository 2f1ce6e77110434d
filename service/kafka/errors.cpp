#include "kafka/errors.hpp"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>

namespace tocsin::kafka {

std::string code_name(int code) { return rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)); }

failure failure_of(int code, std::string_view about, std::string_view detail) {
  const std::string_view what = detail.empty() ? rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)) : detail;
  return {code_name(code), about.empty() ? std::string(what) : fmt::format("{}: {}", about, what)};
}

commit_verdict verdict_of(int code) noexcept {
  switch (code) {
  case RD_KAFKA_RESP_ERR_NO_ERROR: return commit_verdict::ok;
  case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
  case RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH:
  case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
  case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
  case RD_KAFKA_RESP_ERR__FENCED:
  case RD_KAFKA_RESP_ERR__FATAL:
  case RD_KAFKA_RESP_ERR__DESTROY: return commit_verdict::not_a_member;
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
  case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
  case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID: return commit_verdict::refused;
  // In the middle of a rebalance a commit may still bear the generation before, and the next one succeeds. Outside of one, the
  // assignment is lost, which librdkafka says by itself (rd_kafka_cgrp_op_handle_OffsetCommit).
  case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
  default: return commit_verdict::retry;
  }
}

namespace {
constexpr std::array<int, 7> unreachable{
    RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE,        RD_KAFKA_RESP_ERR__SSL,
    RD_KAFKA_RESP_ERR__AUTHENTICATION,   RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE};
}

bool is_unreachable(int code) noexcept { return std::find(unreachable.begin(), unreachable.end(), code) != unreachable.end(); }

bool is_unreachable(const failure& error) {
  return std::any_of(unreachable.begin(), unreachable.end(), [&](int code) { return error.code == code_name(code); });
}

} // namespace tocsin::kafka
