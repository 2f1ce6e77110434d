// Alert events of the documented shape, good and odd, each with what is to become of it, worked out here once more.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::integration {

struct alert {
  std::string key;                        // the Kafka key: events with the same one stay in order
  std::optional<std::string> value;       // none: a null value
  std::optional<boost::json::value> body; // what arrives; none: refused
  std::vector<std::string> reasons;       // of a refusal: one of these in tocsin-reason
  std::string detail;                     // of a refusal: a part of tocsin-detail
};

// The largest value that the tests' relays take (event.max_bytes), and the odd event that is larger.
constexpr std::size_t max_bytes = 65536;

// A good event of about 700 bytes, in the n-th event's own words; keys is how many order keys there are.
[[nodiscard]] alert good_alert(std::uint64_t n, std::uint64_t keys = 997);

// One of each odd kind.
[[nodiscard]] const std::vector<alert>& odd_alerts();

// The same JSON, numbers of the same kind and bit for bit, members in any order.
[[nodiscard]] bool same_json(const boost::json::value& one, const boost::json::value& other);

// Exact where Boost.JSON's default is fast.
[[nodiscard]] boost::json::value parse_exact(std::string_view text);

} // namespace tocsin::integration
