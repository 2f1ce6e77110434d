#include "transform/json_e/containers.hpp"
#include "transform/json_e/json_reader.hpp"
#include "transform/json_e/writer.hpp"

namespace tocsin::json_e {
namespace {

namespace json = boost::json;

// Builds Boost.JSON values. What append_json() would write is counted along, so that both have the same limits.
class json_builder {
public:
  json_builder(const json::storage_ptr& storage, const limits& bounds) : storage_(storage), bounds_(bounds) {}

  bool build(const value& item, std::size_t depth, json::value& out) {
    switch (item.kind()) {
    case value::kind::null: out = nullptr; return count(4);
    case value::kind::boolean: out = item.as_bool(); return count(4);
    case value::kind::int64: out = item.as_int64(); return count(1);
    case value::kind::uint64: out = item.as_uint64(); return count(1);
    case value::kind::real: out = item.as_real(); return count(1);
    case value::kind::marked:
      if (!item.is_verbatim()) break;
      out = item.as_real();
      return count(1);
    case value::kind::string:
      if (!count(item.as_string().size() + 2)) return false;
      out = json::string(item.as_string(), storage_);
      return true;
    case value::kind::array:
    case value::kind::json_array: return array(item, depth, out.emplace_array());
    case value::kind::object: {
      json::object& made = out.emplace_object();
      if (!deeper(depth, item.size())) return false;
      for (const value_member& each : item.as_object().items)
        if (!member(each.name, each.item, depth, made)) return false;
      return true;
    }
    case value::kind::json_object: {
      json::object& made = out.emplace_object();
      if (!deeper(depth, item.size())) return false;
      for (const auto& each : item.as_json_object())
        if (!member({each.key().data(), each.key().size()}, value::of(each.value()), depth, made)) return false;
      return true;
    }
    case value::kind::function:
    case value::kind::absent:
    case value::kind::failed: break;
    }
    return false;
  }

private:
  bool count(std::size_t bytes) { return (size_ += bytes) <= bounds_.output; }
  bool deeper(std::size_t depth, std::size_t members) { return depth < bounds_.value_depth && count(members + 2); }
  bool array(const value& item, std::size_t depth, json::array& out) {
    if (!deeper(depth, item.size())) return false;
    out.reserve(item.size());
    for (std::size_t at = 0; at < item.size(); ++at) {
      if (!build(item.element(at), depth + 1, out.emplace_back(nullptr))) return false;
    }
    return true;
  }
  bool member(std::string_view name, const value& item, std::size_t depth, json::object& out) {
    return count(name.size() + 3) && build(item, depth + 1, out[name]);
  }

  const json::storage_ptr& storage_;
  const limits& bounds_;
  std::size_t size_ = 0;
};

} // namespace

evaluated<json::value> to_json(const value& item, json::storage_ptr storage, const limits& bounds) {
  json::value made(storage);
  if (json_builder(storage, bounds).build(item, 0, made)) return made;
  // Nothing was built; the writer knows the words for why.
  std::string text;
  if (auto written = append_json(text, item, bounds); !written) return written.error();
  return evaluation_error{"", "the result is larger than " + std::to_string(bounds.output) + " bytes"};
}

} // namespace tocsin::json_e
