#include "bench/hand_written.hpp"

#include <cmath>

namespace tocsin::bench {

namespace json = boost::json;

namespace {

bool truthy(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null: return false;
  case json::kind::bool_: return v.get_bool();
  case json::kind::int64: return v.get_int64() != 0;
  case json::kind::uint64: return v.get_uint64() != 0;
  case json::kind::double_: return v.get_double() != 0;
  case json::kind::string: return !v.get_string().empty();
  case json::kind::array: return !v.get_array().empty();
  default: return !v.get_object().empty();
  }
}

} // namespace

bool hand_written::check(const json::value& event) {
  const json::object* o = event.if_object();
  if (!o) return false;
  for (const char* name : {"df_event_id", "df_source", "df_title", "df_message", "date", "df_status", "df_workspace_name"}) {
    const json::value* v = o->if_contains(name);
    if (!v || !truthy(*v)) return false;
  }
  return o->at("df_source") == "monitor";
}

bool hand_written::transform(std::string_view text, std::string& body) {
  json::monotonic_resource memory(buffer_.data(), buffer_.size());
  const json::storage_ptr storage(&memory);
  parser_.reset(storage);
  boost::system::error_code error;
  parser_.write(text.data(), text.size(), error);
  if (error) return false;
  const json::value parsed = parser_.release();
  if (!check(parsed)) return false;
  const json::object& event = parsed.get_object();

  json::object dims(storage);
  dims["df_workspace_name"] = event.at("df_workspace_name");
  if (const json::value* tags = event.if_contains("df_dimension_tags");
      tags && tags->is_string() && !tags->get_string().empty()) {
    tags_parser_.reset(storage);
    tags_parser_.write(tags->get_string().data(), tags->get_string().size(), error);
    if (!error) {
      const json::value overlay = tags_parser_.release();
      if (!overlay.is_object()) return false;
      for (const auto& member : overlay.get_object()) dims.insert_or_assign(member.key(), member.value());
    }
  }
  const json::value& date = event.at("date");
  if (!date.is_number()) return false;

  json::object result(storage);
  result.reserve(12);
  result.emplace("alertId", event.at("df_event_id"));
  result.emplace("alertDims", std::move(dims));
  result.emplace("metricName", "");
  result.emplace("value", "");
  result.emplace("metricUnit", "");
  result.emplace("subject", event.at("df_title"));
  result.emplace("content", event.at("df_message"));
  if (date.is_int64())
    result.emplace("time", date.get_int64() / 1000);
  else
    result.emplace("time", static_cast<std::int64_t>(std::trunc(date.to_number<double>() / 1000)));
  result.emplace("isRecover", event.at("df_status") == "ok");
  result.emplace("extInfo", json::object({{"df_status", event.at("df_status")}}, storage));
  result.emplace("originInfo", json::object(storage));
  result.emplace("source", "guance");

  body.clear();
  const json::value whole(std::move(result));
  serializer_.reset(&whole);
  std::array<char, 8192> piece;
  while (!serializer_.done()) {
    const auto written = serializer_.read(piece.data(), piece.size());
    body.append(written.data(), written.size());
  }
  return true;
}

} // namespace tocsin::bench
