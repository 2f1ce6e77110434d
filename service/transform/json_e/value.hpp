#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::json_e {

struct function;    // functions.hpp
struct value_array; // containers.hpp
struct value_dict;

// What an expression gives: JSON's values and functions. It only refers to what it does not hold itself: to the event, to the
// compiled template, or to the memory of the evaluation (scratch), and is valid as long as these are. Cheap to copy, never
// changed.
class value {
public:
  enum class kind : std::uint8_t {
    absent, // nothing: a member that an $if left out, say
    null,
    boolean,
    int64,
    uint64, // only beyond int64
    real,   // finite
    marked, // a number that no 64 bits hold (json_reader.hpp)
    string,
    json_array,  // an array of the event
    json_object, // an object of the event
    array,       // made by the evaluation
    object,      // made by the evaluation
    function,
    failed, // inside the evaluator only
  };

  constexpr value() noexcept : integer_(0) {}
  static value none() noexcept { return {}; }
  static value failure() noexcept { return value(kind::failed); }
  static value null() noexcept { return value(kind::null); }
  static value of(bool flag) noexcept;
  static value of(std::int64_t number) noexcept;
  static value of(std::uint64_t number) noexcept; // an int64 where it fits
  static value of(double number) noexcept;        // a marked number where it is one
  // Refers to the text; at most 4 GiB.
  static value of(std::string_view text) noexcept;
  static value of(const boost::json::value& json) noexcept;
  static value of(const boost::json::object& json) noexcept;
  static value of(const value_array& items) noexcept;
  static value of(const value_dict& members) noexcept;
  static value of(const struct function& callee) noexcept;

  enum kind kind() const noexcept { return kind_; }
  bool failed() const noexcept { return kind_ == kind::failed; }
  bool is_absent() const noexcept { return kind_ == kind::absent; }
  bool is_null() const noexcept { return kind_ == kind::null; }
  bool is_bool() const noexcept { return kind_ == kind::boolean; }
  bool is_string() const noexcept { return kind_ == kind::string; }
  bool is_function() const noexcept { return kind_ == kind::function; }
  bool is_integer() const noexcept { return kind_ == kind::int64 || kind_ == kind::uint64; }
  bool is_number() const noexcept { return kind_ >= kind::int64 && kind_ <= kind::marked; }
  bool is_array() const noexcept { return kind_ == kind::array || kind_ == kind::json_array; }
  bool is_object() const noexcept { return kind_ == kind::object || kind_ == kind::json_object; }

  // Each only where kind() says so.
  bool as_bool() const noexcept { return flag_; }
  std::int64_t as_int64() const noexcept { return integer_; }
  std::uint64_t as_uint64() const noexcept { return natural_; }
  double as_real() const noexcept { return real_; } // of a marked number, too: what json_reader.hpp's functions take
  std::string_view as_string() const noexcept { return {text_, size_}; }
  const boost::json::array& as_json_array() const noexcept { return *array_; }
  const boost::json::object& as_json_object() const noexcept { return *object_; }
  const value_array& as_array() const noexcept { return *items_; }
  const value_dict& as_object() const noexcept { return *members_; }
  const struct function& as_function() const noexcept { return *function_; }

  // Of an array or an object.
  std::size_t size() const noexcept;
  // Of an array; `index` < size().
  value element(std::size_t index) const noexcept;
  // Of an object; absent where it has no such member.
  value member(std::string_view name) const noexcept;

  // A marked number that stands in the template: the operator wrote it so, and it goes out so.
  bool is_verbatim() const noexcept { return verbatim_; }
  void set_verbatim() noexcept { verbatim_ = true; }

  // JSON-e: everything but null, false, 0, "", [] and {}.
  bool truthy() const noexcept;

private:
  explicit value(enum kind kind) noexcept : integer_(0), kind_(kind) {}

  union {
    bool flag_;
    std::int64_t integer_;
    std::uint64_t natural_;
    double real_;
    const char* text_;
    const boost::json::array* array_;
    const boost::json::object* object_;
    const value_array* items_;
    const value_dict* members_;
    const struct function* function_;
  };
  std::uint32_t size_ = 0; // of a string
  enum kind kind_ = kind::absent;
  bool verbatim_ = false;
};

} // namespace tocsin::json_e
