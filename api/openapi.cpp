#include "api/openapi.hpp"

#include "config/document.hpp"
#include "runtime/assertion.hpp"

#include <boost/json/serialize.hpp>

namespace tocsin::api {

std::string openapi_json() {
  const auto no_variables = [](std::string_view) { return std::optional<std::string>{}; };
  const config::document contract = config::parse_document(openapi_yaml(), no_variables);
  TOCSIN_ASSERT(contract.errors.empty());
  return boost::json::serialize(contract.root) + "\n";
}

} // namespace tocsin::api
