#include "api/openapi.hpp"
#include "api/router.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <set>

namespace tocsin::api {
namespace {

namespace json = boost::json;

const json::object& contract() {
  static const json::value parsed = json::parse(openapi_json());
  return parsed.as_object();
}

TEST(openapi, describes_every_route_and_nothing_else) {
  std::set<std::string> served, described;
  for (const route& each : routes())
    served.insert(std::string(boost::beast::http::to_string(each.method)) + " " + std::string(each.path));
  for (const auto& [path, item] : contract().at("paths").as_object())
    for (const auto& [method, operation] : item.as_object()) {
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      described.insert(upper + " " + std::string(path));
    }
  EXPECT_EQ(described, served);
}

TEST(openapi, says_which_routes_ask_for_no_token) {
  for (const route& each : routes()) {
    const json::object& operation =
        contract().at("paths").at(each.path).at(each.method == verb::get ? "get" : "post").as_object();
    const json::value* security = operation.if_contains("security");
    EXPECT_EQ(security && security->as_array().empty(), each.needs == access::open) << each.path;
  }
}

TEST(openapi, every_operation_has_a_name_a_summary_and_an_answer) {
  std::set<json::string> names;
  for (const auto& [path, item] : contract().at("paths").as_object())
    for (const auto& [method, operation] : item.as_object()) {
      EXPECT_TRUE(names.insert(operation.at("operationId").as_string()).second) << path;
      EXPECT_FALSE(operation.at("summary").as_string().empty()) << path;
      EXPECT_TRUE(operation.at("responses").as_object().contains("200")) << path;
      EXPECT_TRUE(operation.at("responses").as_object().contains("default")) << path;
    }
}

// Calls `seen` with every $ref in the document.
void each_reference(const json::value& in, const std::function<void(std::string_view)>& seen) {
  if (const json::object* object = in.if_object()) {
    for (const auto& [name, value] : *object) {
      if (name == "$ref") seen(value.as_string());
      each_reference(value, seen);
    }
  } else if (const json::array* array = in.if_array()) {
    for (const json::value& value : *array) each_reference(value, seen);
  }
}

TEST(openapi, every_reference_leads_somewhere) {
  int references = 0;
  const json::value whole = contract();
  each_reference(whole, [&](std::string_view reference) {
    ++references;
    ASSERT_TRUE(reference.starts_with("#/")) << reference;
    boost::system::error_code error;
    EXPECT_NE(whole.find_pointer(reference.substr(1), error), nullptr) << reference;
  });
  EXPECT_GT(references, 30);
}

} // namespace
} // namespace tocsin::api
