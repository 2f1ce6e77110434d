#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tocsin::integration {
namespace {

struct place {
  std::size_t partition = 0, offset = 0;
};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// <topic>-<partition>-<offset>
std::optional<place> place_of(std::string_view id, std::string_view topic) {
  const auto last = id.rfind('-');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const auto middle = id.rfind('-', last - 1);
  if (middle == std::string_view::npos || id.substr(0, middle) != topic) return std::nullopt;
  const auto partition = number(id.substr(middle + 1, last - middle - 1)), offset = number(id.substr(last + 1));
  if (!partition || !offset) return std::nullopt;
  return place{*partition, *offset};
}

std::optional<std::string> header(const support::record& letter, std::string_view name) {
  for (const auto& [key, value] : letter.headers)
    if (key == name) return value;
  return std::nullopt;
}

// What is wrong with a dead letter of this alert; empty: nothing.
std::string fault_of(const support::record& letter, const alert& expected, std::string_view group) {
  const auto reason = header(letter, "tocsin-reason").value_or("");
  if (std::ranges::find(expected.reasons, reason) == expected.reasons.end())
    return fmt::format("tocsin-reason is \"{}\", not \"{}\"", reason, fmt::join(expected.reasons, "\" or \""));
  const auto detail = header(letter, "tocsin-detail").value_or("");
  if (detail.find(expected.detail) == std::string::npos)
    return fmt::format("tocsin-detail \"{}\" does not name {}", detail, expected.detail);
  if (letter.value != expected.value) return "the value is not the original one";
  if (letter.key != expected.key) return "the key is not the original one";
  if (header(letter, "tocsin-group") != group) return "tocsin-group is not the group";
  if (header(letter, "original") != "kept") return "the original headers are not kept";
  if (!header(letter, "tocsin-timestamp") || !header(letter, "tocsin-time")) return "tocsin-timestamp or tocsin-time is missing";
  if (header(letter, "tocsin-status") || header(letter, "tocsin-attempts"))
    return "tocsin-status or tocsin-attempts without an attempt";
  return {};
}

void note(verdict& v, std::size_t verdict::* what, std::string words) {
  if (v.first.empty()) v.first = std::move(words);
  ++(v.*what);
}

} // namespace

oracle::oracle(support::kafka_client& kafka, std::string topic, int partitions)
    : kafka_(kafka), topic_(std::move(topic)), partitions_(static_cast<std::size_t>(partitions)) {
  kafka_.create_topic(topic_, partitions);
}

alert oracle::remake(const produced_alert& which) const {
  return which.odd ? odd_alerts()[which.n % odd_alerts().size()] : good_alert(which.n, which.keys);
}

void oracle::produce(produced_alert which) {
  const auto what = remake(which);
  const auto partition = std::hash<std::string>{}(what.key) % partitions_.size();
  kafka_.produce(topic_, {static_cast<std::int32_t>(partition), what.key, what.value, {{"original", "kept"}}});
  partitions_[partition].push_back(which);
  if (what.body) ++deliverable_;
}

void oracle::produce_good(std::uint64_t count, std::uint64_t keys) {
  for (std::uint64_t i = 0; i < count; ++i) produce({false, next_good_++, keys});
}

void oracle::produce_odd() {
  for (std::size_t i = 0; i < odd_alerts().size(); ++i) produce({true, next_odd_++, 0});
}

void oracle::produce_mixed(std::uint64_t count, std::uint64_t every, std::uint64_t keys) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % every == every - 1) {
      produce({true, next_odd_++, 0});
    } else {
      produce({false, next_good_++, keys});
    }
  }
}

void oracle::flush() { kafka_.flush(); }

std::size_t oracle::produced() const noexcept {
  std::size_t all = 0;
  for (const auto& partition : partitions_) all += partition.size();
  return all;
}

verdict oracle::judge(const std::vector<support::arrival>& arrivals, const std::vector<support::record>& dead_letters,
                      std::string_view group) const {
  verdict v;
  std::vector<std::vector<std::size_t>> arrived, buried; // how often, by partition, then offset
  for (const auto& partition : partitions_) {
    arrived.emplace_back(partition.size());
    buried.emplace_back(partition.size());
  }
  const auto known = [&](const std::optional<place>& at) {
    return at && at->partition < partitions_.size() && at->offset < partitions_[at->partition].size();
  };

  std::unordered_map<std::string, std::size_t>
      latest; // by key (all of a key are in one partition): the latest offset that arrived
  for (const auto& arrival : arrivals) {
    const auto at = place_of(arrival.id, topic_);
    if (!known(at)) {
      note(v, &verdict::unexpected, fmt::format("\"{}\" was never produced", arrival.id));
      continue;
    }
    const auto expected = remake(partitions_[at->partition][at->offset]);
    const bool again = arrived[at->partition][at->offset]++ > 0;
    if (again) ++v.sent_again;
    if (!expected.body) {
      note(v, &verdict::unexpected,
           fmt::format("{} should have been refused: {}", arrival.id, expected.value.value_or("null").substr(0, 1000)));
      continue;
    }
    if (!same_json(parse_exact(arrival.body), *expected.body))
      note(v, &verdict::wrong_body, fmt::format("{} arrived as {}", arrival.id, arrival.body));
    auto& last = latest.try_emplace(expected.key, at->offset).first->second;
    if (at->offset < last && !again)
      note(v, &verdict::out_of_order, fmt::format("{} arrived after offset {} of its key", arrival.id, last));
    last = std::max(last, at->offset);
  }

  for (const auto& letter : dead_letters) {
    const auto partition = number(header(letter, "tocsin-partition").value_or("")),
               offset = number(header(letter, "tocsin-offset").value_or(""));
    const bool ours = header(letter, "tocsin-topic") == topic_ && partition && offset;
    const auto at = ours ? std::optional(place{*partition, *offset}) : std::nullopt;
    if (!known(at)) {
      note(v, &verdict::unexpected, "a dead letter that names no event of ours");
      continue;
    }
    const auto expected = remake(partitions_[at->partition][at->offset]);
    const auto name = fmt::format("dead letter of {}-{}-{} ({})", topic_, at->partition, at->offset,
                                  expected.value.value_or("null").substr(0, 1000));
    if (buried[at->partition][at->offset]++ > 0) ++v.dead_lettered_again;
    if (expected.body) {
      note(v, &verdict::unexpected,
           fmt::format("{} should have been delivered: {}", name, header(letter, "tocsin-detail").value_or("")));
      continue;
    }
    if (const auto fault = fault_of(letter, expected, group); !fault.empty())
      note(v, &verdict::wrong_reason, name + ": " + fault);
  }

  for (std::size_t p = 0; p < partitions_.size(); ++p)
    for (std::size_t o = 0; o < partitions_[p].size(); ++o)
      if (arrived[p][o] + buried[p][o] == 0) note(v, &verdict::lost, fmt::format("{}-{}-{} is lost", topic_, p, o));
  return v;
}

} // namespace tocsin::integration
