// Runs a program over an instance.
#pragma once

#include "transform/schema.hpp"
#include "transform/schema/program.hpp"
#include "transform/schema/values.hpp"

namespace tocsin::schema::detail {

// Where the evaluator is in the instance: a list on the stack, turned into a pointer only when there is a fault to report.
struct step {
  const step* up = nullptr;
  std::string_view name;  // of the member…
  std::size_t number = 0; // …or of the element
  bool is_member = false;
};

// The one bit of an instance.
[[nodiscard]] inline std::uint8_t type_of(const boost::json::value& v) noexcept {
  namespace json = boost::json;
  switch (v.kind()) {
  case json::kind::null: return null_bit;
  case json::kind::bool_: return boolean_bit;
  case json::kind::int64:
  case json::kind::uint64: return integer_bit;
  case json::kind::double_: return is_integral(v.get_double()) ? integer_bit : fraction_bit;
  case json::kind::string: return string_bit;
  case json::kind::array: return array_bit;
  default: return object_bit;
  }
}

// Told of each fault. False: stop.
using fault_sink = std::function<bool(violation)>;

class evaluator {
public:
  // An empty sink: the answer alone is wanted.
  evaluator(const program& p, fault_sink sink) : program_(p), sink_(std::move(sink)) {}

  // True: valid. A check that was stopped by a limit has reported it.
  [[nodiscard]] bool run(const boost::json::value& instance);

private:
  bool visit(index, const boost::json::value&, const step*);
  bool visit_quietly(index, const boost::json::value&, const step*);
  bool numeric(const node&, const boost::json::value&, const step*);
  bool text(const node&, const boost::json::value&, const step*);
  bool array(const node&, const boost::json::value&, const step*);
  bool object(const node&, const boost::json::value&, const step*);
  bool members(const node&, const object_rules&, const boost::json::object&, const step*);
  bool missing(const node&, const object_rules&, const boost::json::object&, const step*);
  bool dependencies(const node&, const object_rules&, const boost::json::value&, const step*);
  bool general(const node&, const instruction&, const boost::json::value&, const step*);
  bool alternatives(const node&, const instruction&, const boost::json::value&, const step*);
  bool distinct(const boost::json::array&);

  bool wrong_type(const node&, const boost::json::value&, const step*);
  bool out_of_set(const node&, const instruction&, const boost::json::value&, const step*);

  // Reports, where anybody listens. True: go on looking for more faults. The message is made only then.
  template <class Message>
  bool fault(const node& n, std::string_view rule, const step* at, Message message, std::string_view member = {}) {
    return listening() && report(n, rule, at, message(), member);
  }
  bool report(const node&, std::string_view rule, const step*, std::string message, std::string_view member);
  bool listening() const { return !quiet_ && sink_ && !exhausted_; }
  bool limit(std::string_view what, const step*);

  const program& program_;
  fault_sink sink_;
  bool quiet_ = false; // inside a schema whose failure is no fault of the instance
  bool exhausted_ = false;
  std::uint64_t steps_ = 0;
  std::uint32_t depth_ = 0;
};

} // namespace tocsin::schema::detail
