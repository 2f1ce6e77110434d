#include "api/status_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

using namespace std::chrono_literals;

const app::wall_clock::time_point eight{1'795'334'400s};

TEST(status_json, has_every_member_of_the_contract) {
  app::relay_status status;
  status.state = "running";
  status.uptime = 12s;
  status.group = {"omp", "classic", "stable", "rdkafka-1", 3};
  status.endpoint = {"https://omp.example/api", "down", eight, eight + 5s, 3, 64, eight - 1s, "503 Service Unavailable"};
  status.paused = {{"event", 2, "deploy", eight, eight + 30min}};
  status.partitions = {{"event", 0, 120, 100, 0, 500, 400, 20, true, app::oldest_unsettled{100, eight}}};
  status.totals = {.received = 10,
                   .delivered = 1,
                   .skipped = 2,
                   .dead_lettered = 3,
                   .dropped = 0,
                   .returned = 1,
                   .in_progress = 3,
                   .retries = 7,
                   .sent_again = 8};
  const boost::json::value wanted = boost::json::parse(R"({
    "version": "0.1.0", "state": "running", "uptime_seconds": 12,
    "group": {"id": "omp", "protocol": "classic", "state": "stable", "member_id": "rdkafka-1", "generation": 3},
    "endpoint": {"url": "https://omp.example/api", "state": "down", "since": "2026-11-22T08:00:00.000Z",
                 "closed_until": "2026-11-22T08:00:05.000Z", "in_flight": 3, "limit": 64, "last_success": "2026-11-22T07:59:59.000Z",
                 "last_error": "503 Service Unavailable"},
    "paused": [{"topic": "event", "partition": 2, "reason": "deploy", "since": "2026-11-22T08:00:00.000Z",
                "until": "2026-11-22T08:30:00.000Z"}],
    "partitions": [{"topic": "event", "partition": 0, "position": 120, "committed": 100, "low": 0, "high": 500, "lag": 400,
                    "in_progress": 20, "paused": true, "oldest_unsettled": {"offset": 100, "timestamp": "2026-11-22T08:00:00.000Z"}}],
    "totals": {"received": 10, "delivered": 1, "skipped": 2, "dead_lettered": 3, "dropped": 0, "returned": 1, "in_progress": 3,
               "retries": 7, "sent_again": 8}})");
  EXPECT_EQ(boost::json::serialize(to_json(status, "0.1.0")), boost::json::serialize(wanted));
}

TEST(status_json, what_is_not_known_is_null) {
  app::relay_status status;
  status.paused.resize(1);
  status.partitions.resize(1);
  const boost::json::value json = to_json(status, "0.1.0");
  for (const char* pointer :
       {"/group/generation", "/endpoint/closed_until", "/endpoint/last_success", "/endpoint/last_error", "/paused/0/topic",
        "/paused/0/partition", "/paused/0/until", "/partitions/0/position", "/partitions/0/committed", "/partitions/0/low",
        "/partitions/0/high", "/partitions/0/lag", "/partitions/0/oldest_unsettled"})
    EXPECT_TRUE(json.at_pointer(pointer).is_null()) << pointer;
  status.partitions[0].oldest_unsettled.emplace();
  EXPECT_TRUE(boost::json::value(to_json(status, "")).at_pointer("/partitions/0/oldest_unsettled/timestamp").is_null());
}

} // namespace
} // namespace tocsin::api
