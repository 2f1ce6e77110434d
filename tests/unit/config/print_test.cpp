#include "config/print.hpp"
#include "support.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace tocsin::config {
namespace {

TEST(redacted_url, keeps_what_finds_the_endpoint_and_nothing_secret) {
  EXPECT_EQ(redacted_url("https://omp.example/api/alerts"), "https://omp.example/api/alerts");
  EXPECT_EQ(redacted_url("https://omp.example:8443/a?access_token=hunter2&b=1"), "https://omp.example:8443/a?***");
  EXPECT_EQ(redacted_url("https://me:hunter2@omp.example/a"), "https://omp.example/a");
  EXPECT_EQ(redacted_url("https://me:hun@ter2@omp.example?x"), "https://omp.example?***");
  EXPECT_EQ(redacted_url("http://[::1]:80/a@b#c"), "http://[::1]:80/a@b");
  EXPECT_EQ(redacted_url("nonsense"), "nonsense");
  EXPECT_EQ(redacted_url(""), "");
}

TEST(to_json, hides_secrets_and_tells_everything_else) {
  const auto s = load_yaml(R"(
kafka: {brokers: "kafka:9092", topics: [event], group: omp, properties: {client.id: me, sasl.password: {file: kafka-password}}}
endpoint:
  url: "https://omp.example/api?token=hunter2"
  headers: {X-Api-Key: hunter2, X-Source: tocsin}
  auth: {basic: {user: me, password: {file: endpoint-password}}}
dead_letter: off
admin: {listen: "0.0.0.0:1", token: {file: admin-token}}
)")
                     .value();
  const auto json = to_json(s);
  const auto text = boost::json::serialize(json);
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  EXPECT_EQ(json.at("dead_letter"), "off");
  EXPECT_EQ(json.at("admin").at("token"), "***");
  EXPECT_EQ(json.at("endpoint").at("url"), "https://omp.example/api?***");
  EXPECT_EQ(json.at("endpoint").at("headers"), (boost::json::object{{"X-Api-Key", "***"}, {"X-Source", "tocsin"}}));
  EXPECT_EQ(json.at("endpoint").at("auth"), (boost::json::object{{"basic", {{"user", "me"}, {"password", "***"}}}}));
  EXPECT_EQ(json.at("kafka").at("properties"), (boost::json::object{{"client.id", "me"}, {"sasl.password", "***"}}));
  EXPECT_EQ(json.at("endpoint").at("timeout"), "15s");
  EXPECT_EQ(json.at("delivery").at("max_in_flight_bytes"), "64MiB");
}

TEST(to_json, leaves_out_what_could_not_be_written_empty) {
  const auto s = load_yaml("kafka: {brokers: k, topics: [e], group: g}\ndead_letter: off\n"
                           "endpoint: {url: \"http://a/\", responses: [{when: a, then: rejected}]}\n")
                     .value();
  EXPECT_EQ(to_json(s).at("endpoint").at("responses"), (boost::json::array{{{"when", "a"}, {"then", "rejected"}}}));
}

TEST(to_json, prints_what_loads_to_the_same) {
  const auto once =
      load_yaml(std::string(minimal) +
                "event: {skip: [{when: a, as: b}], tables: {t: {file: /t.json}}}\nretry: {max_age: 1h}\nadmin: {ops: off}\n")
          .value();
  const auto again = load_yaml(boost::json::serialize(to_json(once)));
  ASSERT_TRUE(again.has_value()) << again.error().front().message;
  EXPECT_EQ(to_json(*again), to_json(once));
  EXPECT_EQ(to_json(once).at("event").at("tables"), (boost::json::object{{"t", {{"file", "/t.json"}}}}));
}

} // namespace
} // namespace tocsin::config
