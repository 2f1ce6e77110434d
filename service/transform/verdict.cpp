#include "transform/verdict.hpp"

namespace tocsin::transform {

std::string_view to_string(refusal reason) noexcept {
  switch (reason) {
  case refusal::not_json: return "not_json";
  case refusal::schema: return "schema";
  case refusal::mapping: return "mapping";
  case refusal::outbound_schema: return "outbound_schema";
  case refusal::too_large: break;
  }
  return "too_large";
}

} // namespace tocsin::transform
