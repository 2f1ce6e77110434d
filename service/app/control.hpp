// What the admin server may see and do of the relay: the one seam between api/ and service/. Implemented by the relay.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::app {

using wall_clock = std::chrono::system_clock;

struct oldest_unsettled {
  std::int64_t offset = 0;
  std::optional<wall_clock::time_point> timestamp; // the record's; none where the record has none
};

struct partition_status {
  std::string topic;
  std::int32_t partition = 0;
  std::optional<std::int64_t> position;  // the next offset to be received
  std::optional<std::int64_t> committed; // none before the first commit
  std::optional<std::int64_t> low, high; // watermarks, where known
  std::optional<std::int64_t> lag;       // high - (committed or the first position)
  std::uint64_t in_progress = 0;
  bool paused = false;
  std::optional<app::oldest_unsettled> oldest_unsettled;
};

struct pause_status {
  std::optional<std::string> topic;      // none: everything
  std::optional<std::int32_t> partition; // none: the whole topic
  std::string reason;
  wall_clock::time_point since;
  std::optional<wall_clock::time_point> until;
};

struct endpoint_status {
  std::string url;   // without user information
  std::string state; // up | down | probing
  wall_clock::time_point since;
  std::optional<wall_clock::time_point> closed_until;
  std::uint64_t in_flight = 0;
  std::uint64_t limit = 0; // attempts at once, as the ramp now allows
  std::optional<wall_clock::time_point> last_success;
  std::optional<std::string> last_error;
};

struct group_status {
  std::string id;
  std::string protocol; // classic | consumer
  std::string state;    // joining | stable | rebalancing
  std::string member_id;
  std::optional<std::int32_t> generation; // none where librdkafka does not tell
};

// received = delivered + skipped + dead_lettered + dropped + returned + in_progress, in every copy of this struct.
struct totals {
  std::uint64_t received = 0, delivered = 0, skipped = 0, dead_lettered = 0, dropped = 0, returned = 0, in_progress = 0;
  std::uint64_t retries = 0, sent_again = 0;
};

struct relay_status {
  std::string instance;
  std::string state; // starting | running | draining
  std::chrono::seconds uptime{0};
  group_status group;
  endpoint_status endpoint;
  std::vector<pause_status> paused;
  std::vector<partition_status> partitions; // by topic, then partition
  app::totals totals;
};

// Read without asking the relay thread, so that a probe is answered while the relay is busy. Any thread.
struct relay_health {
  bool loop_alive = false; // the relay thread has ticked within the last 10 s
  bool started = false;    // configuration, listeners and clients are up
  bool joined = false;     // a member of the group: assignments are being served
  bool draining = false;   // SIGTERM or POST /v1/drain
};

class control {
public:
  virtual ~control() = default;

  // Any thread; the snapshot is taken on the relay thread and the coroutine goes on on its own executor.
  virtual boost::asio::awaitable<relay_status> status() = 0;

  // Any thread, at once.
  [[nodiscard]] virtual relay_health health() const noexcept = 0;
};

} // namespace tocsin::app
