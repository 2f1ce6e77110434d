#include "events.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tocsin::bench {
namespace {

constexpr std::string_view before_mark = "@t=";
constexpr std::size_t mark_digits = 19;

std::string head_of(shape kind, std::uint64_t n, mark when) {
  const auto key = n % 997;
  const auto stamp = fmt::format("{}{:0{}}", before_mark, when.time_since_epoch().count(), mark_digits);
  if (kind == shape::bytes) return fmt::format(R"({{"id":"event-{:032x}","stamp":"{}","text":")", n, stamp);
  return fmt::format(
      R"({{"date":{},"df_event_id":"event-{:032x}","df_source":"monitor","df_status":"{}","df_title":"主机 web-{:03} 的 CPU 使用率过高",)"
      R"("df_dimension_tags":"{{\"host\":\"web-{:03}\",\"service\":\"支付\"}}","df_workspace_name":"生产环境",)"
      R"("df_workspace_uuid":"wksp_0a1b2c3d4e5f60718293a4b5c6d7e8f9","df_monitor_type":"custom_metric",)"
      R"("df_monitor_checker_event_ref":"{:032x}","df_monitor_checker_value":"85.5","df_channels":[],"host":"web-{:03}","df_message":"{} )",
      1'793'034'940'000 + n % 1'000'000, n, n % 5 == 0 ? "ok" : "no", key, key, key, key, stamp);
}

} // namespace

std::string key_of(std::uint64_t n) { return fmt::format("{:032x}", n % 997); }

std::string make_event(shape kind, std::uint64_t n, mark when, std::size_t size) {
  auto event = head_of(kind, n, when);
  const std::string_view tail = "\"}";
  if (event.size() + tail.size() < size) event.append(size - event.size() - tail.size(), 'x');
  return event.append(tail);
}

std::optional<mark> mark_of(std::string_view body) {
  const auto at = body.find(before_mark);
  if (at == std::string_view::npos || at + before_mark.size() + mark_digits > body.size()) return std::nullopt;
  const auto digits = body.substr(at + before_mark.size(), mark_digits);
  std::int64_t count = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), count).ec != std::errc()) return std::nullopt;
  return mark(mark::duration(count));
}

} // namespace tocsin::bench
