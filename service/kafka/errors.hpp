// librdkafka's errors in our terms. Within this room: `code` is a rd_kafka_resp_err_t.
#pragma once

#include "kafka/consumer.hpp"
#include "kafka/failure.hpp"

#include <string>
#include <string_view>

namespace tocsin::kafka {

// `about` names the thing: "topic event", "group omp"; `detail`, where given, replaces librdkafka's general description.
[[nodiscard]] failure failure_of(int code, std::string_view about = {}, std::string_view detail = {});
[[nodiscard]] std::string code_name(int code);

// What the answer to a commit means.
[[nodiscard]] commit_verdict verdict_of(int code) noexcept;

// The error says that the cluster cannot be reached, not that it refuses.
[[nodiscard]] bool is_unreachable(int code) noexcept;
[[nodiscard]] bool is_unreachable(const failure& error);

} // namespace tocsin::kafka
