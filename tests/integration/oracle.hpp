// Knows every event that was produced and judges what became of it, from what arrived at the endpoint and what lies in the
// dead-letter topic. It shares no code with the relay.
#pragma once

#include "alerts.hpp"
#include "support/kafka_client.hpp"
#include "support/receiver.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::integration {

struct verdict {
  std::size_t lost = 0;       // neither arrived nor dead-lettered, as it should have
  std::size_t sent_again = 0; // arrivals beyond the first of an event
  std::size_t wrong_body = 0;
  std::size_t out_of_order = 0; // arrivals of an event after a later one of its key
  std::size_t unexpected = 0;   // arrived though refused, dead-lettered though good, or never produced
  std::size_t wrong_reason = 0; // dead letters with another reason, detail, value or header than they should have
  std::size_t dead_lettered_again = 0;
  std::string first; // of whatever was found wrong, the first one in words
};

class oracle {
public:
  // The topic must be new: offsets are counted from 0.
  oracle(support::kafka_client& kafka, std::string topic, int partitions);

  void produce_good(std::uint64_t count, std::uint64_t keys = 997);
  // Every odd alert, once, each in a partition by its key.
  void produce_odd();
  // Good ones with one odd one in every `every`, in turn.
  void produce_mixed(std::uint64_t count, std::uint64_t every, std::uint64_t keys = 997);
  void flush();

  [[nodiscard]] std::size_t produced() const noexcept;
  [[nodiscard]] std::size_t deliverable() const noexcept { return deliverable_; }
  [[nodiscard]] std::size_t refusable() const noexcept { return produced() - deliverable_; }

  [[nodiscard]] verdict judge(const std::vector<support::arrival>& arrivals, const std::vector<support::record>& dead_letters,
                              std::string_view group) const;

private:
  struct produced_alert {
    bool odd = false;
    std::uint64_t n = 0, keys = 0;
  };
  void produce(produced_alert which);
  [[nodiscard]] alert remake(const produced_alert& which) const;

  support::kafka_client& kafka_;
  std::string topic_;
  std::vector<std::vector<produced_alert>> partitions_; // by partition, then offset
  std::uint64_t next_good_ = 0, next_odd_ = 0;
  std::size_t deliverable_ = 0;
};

} // namespace tocsin::integration
