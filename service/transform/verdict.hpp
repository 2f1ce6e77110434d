// What becomes of one record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::transform {

enum class verdict_kind : std::uint8_t { deliver, skip, refuse };

// Why a record is refused: `tocsin-reason` of its dead letter and the label of tocsin_events_refused_total.
enum class refusal : std::uint8_t {
  not_json,        // empty, null, not JSON, not UTF-8, nested too deep
  schema,          // does not fit event.schema
  mapping,         // the mapping fails for it, or a number in its body could not be sent exactly
  outbound_schema, // what the mapping made does not fit event.outbound_schema: most likely the mapping is wrong
  too_large,       // larger than event.max_bytes; it has not been looked at
};
[[nodiscard]] std::string_view to_string(refusal) noexcept;

// Kept and handed in again for the next record, so that its memory serves again. Views point into the record or into the verdict,
// and are good until the next record.
struct verdict {
  verdict_kind kind = verdict_kind::refuse;

  // deliver
  bool mapped = false; // false: the record's value is the body, byte for byte; a null value is an empty body
  std::string body;    // only where mapped; may be moved from or swapped
  std::optional<std::string_view> order_key; // none: ordered with nothing

  std::string_view rule; // skip: the name of the rule that was met

  // refuse
  refusal reason = refusal::not_json;
  std::string detail; // names the JSON pointer and the rule; never more than 80 characters of any value

  // Expressions that failed for this record, whatever became of it (tocsin_expression_errors_total).
  bool order_by_failed = false;
  std::uint32_t skip_failures = 0;
  std::string expression_detail; // why the last of them failed

  std::string order_text; // what order_key points into, where it is no part of the record

  verdict() = default;
  verdict(const verdict&) = delete;
  verdict& operator=(const verdict&) = delete;
};

} // namespace tocsin::transform
