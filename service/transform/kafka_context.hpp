// `kafka` in an expression: topic, partition, offset, timestamp, key and headers of the record.
#pragma once

#include "transform/record_view.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace tocsin::transform {

// timestamp: Unix time in ms, or null. key: text, or null. headers: an object of texts (null for a null value); of headers with
// the same name the last one stays. Bytes that are no UTF-8 stand as U+FFFD.
[[nodiscard]] boost::json::value kafka_context(const record_view&, boost::json::storage_ptr);

// `bytes` with whatever is no UTF-8 replaced by U+FFFD, one for each byte.
[[nodiscard]] std::string replaced_utf8(std::string_view bytes);

} // namespace tocsin::transform
