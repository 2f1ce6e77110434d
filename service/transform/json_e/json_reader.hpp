#pragma once

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tocsin::json_e {

struct read_error {
  std::string message; // without the text's content, but for at most 80 characters
  std::size_t offset;  // bytes
};
[[noreturn]] void throw_exception_from_error(const read_error& error, const boost::source_location& where);

// Reads JSON texts (RFC 8259) into Boost.JSON values, numbers exactly or marked. Refused are: a depth beyond the limit, NaN and
// Infinity, what is not UTF-8, half of a surrogate pair, an empty text, anything after the value. Of members with the same name
// the last one stays. Reusable: one reader for many texts keeps its buffers. Not thread-safe.
class json_reader {
public:
  // `max_depth` levels of arrays and objects pass, one more is refused.
  explicit json_reader(std::size_t max_depth = 64);
  ~json_reader();
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;

  // The value's memory comes from `storage`. Marked numbers (below) keep their text there: copied to other storage, the value
  // must not outlive it. Where `storage` throws std::bad_alloc, the text is refused as too large.
  boost::system::result<boost::json::value, read_error> read(std::string_view text, boost::json::storage_ptr storage);
  // With another limit of depth for this text.
  boost::system::result<boost::json::value, read_error> read(std::string_view text, boost::json::storage_ptr storage,
                                                             std::size_t max_depth);

private:
  struct state;
  std::unique_ptr<state> state_;
};

// A number that neither int64, uint64 nor double can hold is marked rather than rounded: an integer beyond 64 bits, a number
// beyond the largest double, one other than zero that would become zero. A marked number is a double, not a number (NaN) to all
// arithmetic; these functions tell what it is. (JSON has no NaN, so that nothing else looks like one.)
enum class out_of_range { no, integer, overflow, underflow };
[[nodiscard]] out_of_range range_of(const boost::json::value& value) noexcept;
[[nodiscard]] out_of_range range_of(double number) noexcept;
// The number as it was written. Only of a marked one.
[[nodiscard]] std::string_view marked_text(double number) noexcept;
// The nearest double: of a marked one the rounded value, an infinity, or a zero. For comparisons where "about" is good enough.
[[nodiscard]] double nearest(double number) noexcept;

} // namespace tocsin::json_e
