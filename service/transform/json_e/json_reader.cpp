#include "transform/json_e/json_reader.hpp"

#include <boost/assert.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <boost/throw_exception.hpp>

#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

namespace tocsin::json_e {
namespace {

namespace json = boost::json;
using boost::system::error_code;

// A marked number: a negative quiet NaN, its kind in two bits, and in the 48 below the address of its text.
constexpr std::uint64_t mark = 0xFFF8'0000'0000'0000U;
constexpr std::uint64_t address_mask = 0x0000'FFFF'FFFF'FFFFU;
constexpr int range_shift = 48;

struct text_block {
  std::uint32_t size;
  char text[1];
};

const text_block* block_of(double number) noexcept {
  return reinterpret_cast<const text_block*>(std::bit_cast<std::uint64_t>(number) & address_mask);
}

out_of_range classify(std::string_view text, double number, std::errc fault) {
  if (text.find_first_of(".eE") == std::string_view::npos) return out_of_range::integer;
  if (fault != std::errc::result_out_of_range) {
    if (number != 0) return out_of_range::no;
    const std::string_view digits = text.substr(0, text.find_first_of("eE"));
    return digits.find_first_of("123456789") == std::string_view::npos ? out_of_range::no : out_of_range::underflow;
  }
  return std::strtod(std::string(text).c_str(), nullptr) == 0 ? out_of_range::underflow : out_of_range::overflow;
}

// Boost.JSON's own handler, but for floating-point numbers.
struct handler {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack;
  json::storage_ptr storage;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) { return stack.push_object(count), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
  bool on_key_part(json::string_view text, std::size_t, error_code&) { return stack.push_chars(text), true; }
  bool on_key(json::string_view text, std::size_t, error_code&) { return stack.push_key(text), true; }
  bool on_string_part(json::string_view text, std::size_t, error_code&) { return stack.push_chars(text), true; }
  bool on_string(json::string_view text, std::size_t, error_code&) { return stack.push_string(text), true; }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, error_code&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, json::string_view, error_code&) { return stack.push_uint64(number), true; }
  bool on_bool(bool flag, error_code&) { return stack.push_bool(flag), true; }
  bool on_null(error_code&) { return stack.push_null(), true; }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

  // Boost's fast conversion may be off by some last bits; from_chars rounds correctly and says when the number is out of range.
  bool on_double(double, json::string_view text, error_code&) {
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const out_of_range range = classify({text.data(), text.size()}, number, fault);
    stack.push_double(range == out_of_range::no ? number : marked(range, {text.data(), text.size()}));
    return true;
  }

  double marked(out_of_range range, std::string_view text) {
    BOOST_ASSERT_MSG(storage.is_deallocate_trivial(), "json_reader needs a storage that frees all at once");
    auto* block = static_cast<text_block*>(storage->allocate(sizeof(text_block) + text.size(), alignof(text_block)));
    block->size = static_cast<std::uint32_t>(text.size());
    std::memcpy(block->text, text.data(), text.size());
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    BOOST_ASSERT((address & ~address_mask) == 0);
    return std::bit_cast<double>(mark | static_cast<std::uint64_t>(range) << range_shift | address);
  }
};

const char* explain(const error_code& error) {
  switch (static_cast<json::error>(error.value())) {
  case json::error::incomplete: return "the text ends before the JSON value does";
  case json::error::extra_data: return "there is more after the JSON value";
  case json::error::too_deep: return "arrays and objects are nested too deeply";
  case json::error::illegal_leading_surrogate:
  case json::error::illegal_trailing_surrogate:
  case json::error::expected_utf16_escape: return "a \\u escape is half of a surrogate pair";
  case json::error::expected_hex_digit: return "a \\u escape needs four hexadecimal digits";
  case json::error::exponent_overflow: return "a number's exponent is beyond 32 bits";
  default: return "this is not JSON";
  }
}

} // namespace

struct json_reader::state {
  explicit state(std::size_t depth) : max_depth(depth), parser(options(depth)) {}

  static json::parse_options options(std::size_t depth) {
    json::parse_options chosen;
    chosen.max_depth = depth;
    return chosen;
  }

  std::size_t max_depth;
  json::basic_parser<handler> parser;
};

json_reader::json_reader(std::size_t max_depth) : state_(std::make_unique<state>(max_depth)) {}
json_reader::~json_reader() = default;
json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;

boost::system::result<json::value, read_error> json_reader::read(std::string_view text, json::storage_ptr storage) {
  json::basic_parser<handler>& parser = state_->parser;
  parser.reset();
  parser.handler().stack.reset(storage);
  parser.handler().storage = storage;
  error_code error;
  std::size_t used = 0;
  try {
    used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) error = json::error::extra_data;
    if (!error) return parser.handler().stack.release();
  } catch (const std::bad_alloc&) {
    parser.handler().stack.reset();
    return read_error{"the text needs more memory than an event may take", used};
  }
  parser.handler().stack.reset();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return read_error{"the text is empty", used};
  return read_error{explain(error), used};
}

boost::system::result<json::value, read_error> json_reader::read(std::string_view text, json::storage_ptr storage,
                                                                 std::size_t max_depth) {
  if (max_depth != state_->max_depth) state_ = std::make_unique<state>(max_depth);
  return read(text, std::move(storage));
}

out_of_range range_of(double number) noexcept {
  if (number == number) return out_of_range::no;
  return static_cast<out_of_range>(std::bit_cast<std::uint64_t>(number) >> range_shift & 3U);
}

out_of_range range_of(const json::value& value) noexcept {
  return value.is_double() ? range_of(value.get_double()) : out_of_range::no;
}

std::string_view marked_text(double number) noexcept {
  const text_block* block = block_of(number);
  return {block->text, block->size};
}

double nearest(double number) noexcept { return std::strtod(std::string(marked_text(number)).c_str(), nullptr); }

void throw_exception_from_error(const read_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.message), where);
}

} // namespace tocsin::json_e
