#include "api/status_json.hpp"

#include "api/response.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace tocsin::api {
namespace {

using boost::json::array, boost::json::object, boost::json::value;

value json(std::int64_t number) { return number; }
value json(std::int32_t number) { return number; }
value json(const std::string& text) { return value(text); }
value json(app::wall_clock::time_point time) { return value(rfc3339(time)); }
value json(const app::oldest_unsettled&);

template <typename T>
value json(const std::optional<T>& optional) {
  return optional ? json(*optional) : value(nullptr);
}

value json(const app::oldest_unsettled& of) { return object{{"offset", of.offset}, {"timestamp", json(of.timestamp)}}; }

object json(const app::group_status& of) {
  return {{"id", of.id},
          {"protocol", of.protocol},
          {"state", of.state},
          {"member_id", of.member_id},
          {"generation", json(of.generation)}};
}

object json(const app::endpoint_status& of) {
  return {{"url", of.url},
          {"state", of.state},
          {"since", json(of.since)},
          {"closed_until", json(of.closed_until)},
          {"in_flight", of.in_flight},
          {"limit", of.limit},
          {"last_success", json(of.last_success)},
          {"last_error", json(of.last_error)}};
}

object json(const app::partition_status& of) {
  return {{"topic", of.topic},
          {"partition", of.partition},
          {"position", json(of.position)},
          {"committed", json(of.committed)},
          {"low", json(of.low)},
          {"high", json(of.high)},
          {"lag", json(of.lag)},
          {"in_progress", of.in_progress},
          {"paused", of.paused},
          {"oldest_unsettled", json(of.oldest_unsettled)}};
}

object json(const app::totals& of) {
  return {{"received", of.received},           {"delivered", of.delivered}, {"skipped", of.skipped},
          {"dead_lettered", of.dead_lettered}, {"dropped", of.dropped},     {"returned", of.returned},
          {"in_progress", of.in_progress},     {"retries", of.retries},     {"sent_again", of.sent_again}};
}

} // namespace

object to_json(const app::pause_status& of) {
  return {{"topic", json(of.topic)},
          {"partition", json(of.partition)},
          {"reason", of.reason},
          {"since", json(of.since)},
          {"until", json(of.until)}};
}

object to_json(const app::relay_status& of, std::string_view version) {
  array paused, partitions;
  for (const app::pause_status& each : of.paused) paused.push_back(to_json(each));
  for (const app::partition_status& each : of.partitions) partitions.push_back(json(each));
  return {{"version", version},
          {"state", of.state},
          {"uptime_seconds", of.uptime.count()},
          {"group", json(of.group)},
          {"endpoint", json(of.endpoint)},
          {"paused", std::move(paused)},
          {"partitions", std::move(partitions)},
          {"totals", json(of.totals)}};
}

} // namespace tocsin::api
