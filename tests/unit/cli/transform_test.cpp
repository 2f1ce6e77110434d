#include "cli/transform.hpp"
#include "unit/transform/temporary_files.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace tocsin::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view rest = R"("headers":{"Content-Type":"application/json","User-Agent":"tocsin/0.1.0"},)";

class transform_test : public testing::Test {
protected:
  int run(std::string_view events) {
    std::istringstream in{std::string(events)};
    out_.str("");
    err_.str("");
    return run_transform(options_, in, out_, err_);
  }

  test::temporary_files files_;
  transform_options options_;
  std::ostringstream out_, err_;
};

TEST_F(transform_test, writes_one_object_a_line_in_order) {
  options_.mapping = files_.add("m.json", R"({"x":{"$eval":"a"}})");
  options_.schema = files_.add("s.json", R"({"required":["a"]})");
  EXPECT_EQ(run("{\"a\":\"磁盘\"}\n{\"b\":1}\r\n\nnope\n{\"a\":1e400}\n[1]"), 0);
  const std::string expected =
      "{\"line\":1,\"outcome\":\"deliver\",\"order_key\":null," + std::string(rest) + "\"body\":{\"x\":\"磁盘\"}}\n" +
      R"x({"line":2,"outcome":"refuse","reason":"schema","detail":"the event: member \"a\" is missing (/required)"})x" + "\n";
  EXPECT_THAT(out_.str(), StartsWith(expected));
  EXPECT_THAT(out_.str(), HasSubstr("{\"line\":3,\"outcome\":\"refuse\",\"reason\":\"not_json\",\"detail\":\""));
  EXPECT_THAT(out_.str(), HasSubstr("{\"line\":4,\"outcome\":\"refuse\",\"reason\":\"not_json\",\"detail\":\""));
  EXPECT_THAT(out_.str(), HasSubstr("{\"line\":5,\"outcome\":\"refuse\",\"reason\":\"mapping\",\"detail\":\""));
  EXPECT_THAT(out_.str(), HasSubstr("{\"line\":6,\"outcome\":\"refuse\",\"reason\":\"mapping\",\"detail\":\""));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(transform_test, writes_the_bodies_alone_byte_for_byte) {
  options_.mapping = files_.add("m.json", R"({"x":{"$eval":"a"}})");
  options_.bodies = true;
  EXPECT_EQ(run("{\"a\":0.1}\nnope\n{\"a\":[1.0,\"\\u4e2d\"]}\n"), 0);
  EXPECT_EQ(out_.str(), "{\"x\":0.1}\n{\"x\":[1.0,\"中\"]}\n");
}

TEST_F(transform_test, takes_only_the_event_part_of_a_configuration) {
  files_.add("m.json", R"({"x":{"$eval":"kafka.offset"}})");
  options_.config =
      files_.add("tocsin.yaml", "event:\n  mapping: m.json\n  order_by: ref\n  skip: [{when: \"s == 'info'\", as: quiet}]\n"
                                "kafka: {brokers: \"${NOT_SET_ANYWHERE}\"}\n");
  EXPECT_EQ(run("{\"ref\":\"r\\\"1\",\"s\":\"bad\"}\n{\"ref\":1,\"s\":\"info\"}\n{\"s\":\"bad\"}\n"), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{\"line\":1,\"outcome\":\"deliver\",\"order_key\":\"r\\\"1\"," + std::string(rest) +
                            "\"body\":{\"x\":0}}\n" + "{\"line\":2,\"outcome\":\"skip\",\"as\":\"quiet\"}\n" +
                            "{\"line\":3,\"outcome\":\"deliver\",\"order_key\":null," + std::string(rest) +
                            "\"body\":{\"x\":2}}\n");
  EXPECT_THAT(err_.str(), StartsWith("line 3: order_by: "));
}

TEST_F(transform_test, looks_up_in_tables) {
  files_.add("services.json",
             R"({"checkout": {"team": "payments", "page": true}, "search": {"team": "discovery", "muted": true}})");
  files_.add(
      "m.json",
      R"j({"team":{"$eval":"get(tables.services, [service, 'team'], 'operations')"},"known":{"$eval":"service in tables.services"}})j");
  options_.config = files_.add("tocsin.yaml", "event:\n  mapping: m.json\n  tables: {services: {file: services.json}}\n"
                                              "  skip: [{when: \"get(tables.services, [service, 'muted'])\", as: muted}]\n"
                                              "  order_by: \"tables.services[service].team\"\n");
  EXPECT_EQ(run("{\"service\":\"checkout\"}\n{\"service\":\"search\"}\n{\"service\":\"billing\"}\n"), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{\"line\":1,\"outcome\":\"deliver\",\"order_key\":\"payments\"," + std::string(rest) +
                            "\"body\":{\"team\":\"payments\",\"known\":true}}\n" +
                            "{\"line\":2,\"outcome\":\"skip\",\"as\":\"muted\"}\n" +
                            "{\"line\":3,\"outcome\":\"deliver\",\"order_key\":null," + std::string(rest) +
                            "\"body\":{\"team\":\"operations\",\"known\":false}}\n");
  EXPECT_THAT(err_.str(), StartsWith("line 3: order_by: "));
  files_.add("services.json", "[]");
  EXPECT_EQ(run("{}\n"), 78);
  EXPECT_THAT(err_.str(), HasSubstr("tocsin.yaml:3: event.tables.services.file: "));
}

TEST_F(transform_test, shows_the_headers_of_a_whole_configuration) {
  options_.config =
      files_.add("tocsin.yaml", "kafka: {brokers: k:9092, topics: [alerts], group: g}\n"
                                "event: {order_by: kafka.topic}\n"
                                "endpoint: {url: http://h/, headers: {X-Team: ops, content-type: application/cloudevents+json}}\n"
                                "dead_letter: {topic: d}\n");
  EXPECT_EQ(run("{}\n"), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            R"({"line":1,"outcome":"deliver","order_key":"alerts","headers":{"content-type":"application/cloudevents+json",)"
            R"("User-Agent":"tocsin/0.1.0","X-Team":"ops"},"body":{}})"
            "\n");
}

TEST_F(transform_test, quotes_a_body_that_is_no_json) {
  options_.config = files_.add("tocsin.yaml", "event: {}\n");
  EXPECT_EQ(run("a \"b\"\n{\"a\" : 1}\n\xff\n"), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"body\":\"a \\\"b\\\"\"}\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\"body\":{\"a\" : 1}}\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\"body\":\"\xef\xbf\xbd\"}\n"));
}

TEST_F(transform_test, fails_with_78_and_the_place_for_a_broken_mapping) {
  options_.mapping = files_.add("m.json", R"({"x":{"$eval":"a +"}})");
  EXPECT_EQ(run("{}\n"), 78);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("event.mapping: "));
  EXPECT_THAT(err_.str(), HasSubstr("/x"));
  EXPECT_THAT(err_.str(), HasSubstr("^"));
  options_.mapping = files_.path() / "gone.json";
  EXPECT_EQ(run("{}\n"), 78);
}

TEST_F(transform_test, fails_with_78_for_a_broken_event_part) {
  options_.config = files_.add("tocsin.yaml", "event: {maping: m.json}\n");
  EXPECT_EQ(run("{}\n"), 78);
  EXPECT_THAT(err_.str(), HasSubstr("event.maping"));
}

TEST_F(transform_test, names_everything_that_is_wrong_with_the_event_part_at_once) {
  files_.add("m.json", R"({"x":{"$eval":"a +"}})");
  options_.config = files_.add("tocsin.yaml", "event:\n  mapping: m.json\n  max_depth: deep\n  schema: none.json\n"
                                              "  skip: [{when: \"a b\", as: x}, {as: y}]\n");
  EXPECT_EQ(run("{}\n"), 78);
  for (const char* fault : {"tocsin.yaml:2: event.mapping: ", "tocsin.yaml:3: event.max_depth: ", "tocsin.yaml:4: event.schema: ",
                            "tocsin.yaml:5: event.skip[0].when: ", "tocsin.yaml:5: event.skip[1].when: is missing"})
    EXPECT_THAT(err_.str(), HasSubstr(fault));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(transform_test, refuses_options_that_contradict_each_other) {
  EXPECT_EQ(run(""), 64);
  options_.config = "c.yaml";
  options_.mapping = "m.json";
  EXPECT_EQ(run(""), 64);
  options_.config.clear();
  options_.watch = true;
  EXPECT_EQ(run(""), 64);
  EXPECT_THAT(err_.str(), HasSubstr("--watch"));
}

TEST_F(transform_test, reads_a_file_and_says_where_it_cannot) {
  options_.mapping = files_.add("m.json", "{}");
  options_.bodies = true;
  options_.input = files_.add("events.json", "{}\n{}");
  EXPECT_EQ(run("not looked at"), 0);
  EXPECT_EQ(out_.str(), "{}\n{}\n");
  options_.input = files_.path() / "gone.json";
  EXPECT_EQ(run(""), 1);
  EXPECT_THAT(err_.str(), HasSubstr("gone.json: cannot be read"));
}

TEST_F(transform_test, explains_each_node_behind_its_event) {
  options_.mapping = files_.add("m.json", R"({"x":{"$eval":"a"},"y":{"$if":"false","then":1}})");
  options_.explain = true;
  EXPECT_EQ(run("{\"a\":5}\n"), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\n  /x  5\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\n  /y  (left out)\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\n  (body)  {\"x\":5}\n"));
}

TEST_F(transform_test, colours_outcomes_where_asked_to) {
  options_.mapping = files_.add("m.json", "{}");
  options_.colours = true;
  EXPECT_EQ(run("{}\nnope\n"), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"outcome\":\x1b[32m\"deliver\"\x1b[0m"));
  EXPECT_THAT(out_.str(), HasSubstr("\"outcome\":\x1b[31m\"refuse\"\x1b[0m"));
}

TEST_F(transform_test, runs_again_for_every_change_and_outlives_a_broken_mapping) {
  options_.mapping = files_.add("m.json", R"({"v":1})");
  options_.input = files_.add("events.json", "{}\n");
  options_.bodies = options_.watch = true;
  std::vector<std::string> versions{R"({"v":)", R"({"v":2})"};
  std::vector<std::filesystem::path> watched;
  std::istringstream in;
  const int code = run_transform(options_, in, out_, err_, [&](const std::vector<std::filesystem::path>& files) {
    watched = files;
    if (versions.empty()) return false;
    files_.add("m.json", versions.front());
    versions.erase(versions.begin());
    return true;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(out_.str(), "{\"v\":1}\n\n\n{\"v\":2}\n");
  EXPECT_THAT(err_.str(), HasSubstr("m.json: is not JSON"));
  EXPECT_THAT(watched, testing::UnorderedElementsAre(options_.input, options_.mapping));
}

TEST_F(transform_test, runs_again_for_a_change_of_a_table) {
  files_.add("t.json", R"({"a":1})");
  files_.add("m.json", R"({"v":{"$eval":"tables.t.a"}})");
  options_.config = files_.add("c.yaml", "event: {mapping: m.json, tables: {t: {file: t.json}, gone: {file: gone.json}}}\n");
  options_.input = files_.add("events.json", "{}\n");
  options_.bodies = options_.watch = true;
  std::istringstream in;
  std::vector<std::filesystem::path> watched;
  int round = 0;
  EXPECT_EQ(run_transform(options_, in, out_, err_,
                          [&](const std::vector<std::filesystem::path>& files) {
                            watched = files;
                            if (round == 0) files_.add("gone.json", "{}");
                            if (round == 1) files_.add("t.json", R"({"a":2})");
                            return ++round < 3;
                          }),
            0);
  EXPECT_EQ(out_.str(), "\n{\"v\":1}\n\n{\"v\":2}\n");
  EXPECT_THAT(err_.str(), HasSubstr("gone.json: cannot be read"));
  EXPECT_THAT(watched, testing::UnorderedElementsAre(options_.config, options_.input, files_.path() / "m.json",
                                                     files_.path() / "t.json", files_.path() / "gone.json"));
}

} // namespace
} // namespace tocsin::cli
