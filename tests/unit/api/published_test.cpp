// What is published about the metrics (docs, rules, dashboard) is held to what the program exposes.
#include "api/admin_metrics.hpp"
#include "observe/exposition.hpp"
#include "observe/metrics.hpp"
#include "observe/process_metrics.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <prometheus/metric_family.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <unistd.h>

namespace tocsin::api {
namespace {

const std::filesystem::path source = TOCSIN_SOURCE_DIR;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

struct family {
  std::string type;
  std::set<std::string> labels;
};

class published : public testing::Test {
protected:
  published() {
    relay.publish_partitions({{.topic = 0, .committed = 1, .high = 1, .lag = 0}});
    relay.kafka_error("_TRANSPORT");
    relay.skipped(0, 0);
    for (const prometheus::Collectable* each : sources)
      for (const prometheus::MetricFamily& collected : each->Collect()) {
        family& of = exposed[collected.name];
        of.type = collected.type == prometheus::MetricType::Counter ? "counter"
                  : collected.type == prometheus::MetricType::Gauge ? "gauge"
                                                                    : "histogram";
        for (const auto& metric : collected.metric)
          for (const auto& label : metric.label) of.labels.insert(label.name);
      }
  }

  // Of a text with PromQL in it, what is neither exposed nor recorded.
  std::set<std::string> unknown_names(const std::string& text) {
    std::set<std::string> unknown;
    static const std::regex name("[a-zA-Z_][a-zA-Z0-9_:]*");
    for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
      std::string found = it->str();
      while (found.ends_with(':')) found.pop_back();
      if (found.find(':') != std::string::npos) {
        if (found.find("tocsin_") != std::string::npos && !recorded.contains(found)) unknown.insert(found);
        continue;
      }
      if (!found.starts_with("tocsin_") && !found.starts_with("process_")) continue;
      for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
        const std::string base = found.ends_with(suffix) ? found.substr(0, found.size() - suffix.size()) : "";
        if (exposed.contains(base) && exposed.at(base).type == "histogram") found = base;
      }
      if (!exposed.contains(found)) unknown.insert(found);
    }
    return unknown;
  }

  std::set<std::string> all(const std::string& text, const char* pattern) {
    const std::regex line(pattern, std::regex::multiline);
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) found.insert((*it)[1]);
    return found;
  }

  observe::metrics relay{{.build = {"0.1.0", "abc", "2.14.2"}, .topics = {"event"}, .skip_rules = {"informational"}}};
  admin_metrics admin{{"/livez"}, {"pause"}};
  observe::process_metrics process;
  std::vector<const prometheus::Collectable*> sources{&relay, &admin, &process};
  std::map<std::string, family> exposed;

  const std::filesystem::path rules_file = source / "deploy/prometheus/tocsin.rules.yaml";
  const std::string rules = text_of(rules_file);
  const std::set<std::string> recorded = all(rules, "^ +- record: (.+)$");
};

TEST_F(published, metrics_are_those_of_docs_metrics_md) {
  std::map<std::string, family> documented;
  std::istringstream lines(text_of(source / "docs/metrics.md"));
  static const std::regex row(R"re(\| (`.+`) \| (\w+) \| ([^|]*)\|.*)re"), name("`([a-z_]+)`"),
      label(R"re((?:^|[,;] )([a-z_]+))re");
  std::string line;
  while (std::getline(lines, line)) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    const std::string names = cells[1], labels = cells[3];
    for (std::sregex_iterator it(names.begin(), names.end(), name), end; it != end; ++it) {
      family& of = documented[(*it)[1]];
      of.type = cells[2];
      for (std::sregex_iterator each(labels.begin(), labels.end(), label); each != end; ++each) of.labels.insert((*each)[1]);
    }
  }
  for (const auto& [each, of] : exposed) {
    ASSERT_TRUE(documented.contains(each)) << each << " is not in docs/metrics.md";
    EXPECT_EQ(documented[each].type, of.type) << each;
    for (const std::string& expected : of.labels)
      EXPECT_TRUE(documented[each].labels.contains(expected)) << each << " " << expected;
  }
  for (const auto& [each, of] : documented) EXPECT_TRUE(exposed.contains(each)) << each << " is documented and not there";
}

TEST_F(published, rules_and_dashboard_use_what_is_there) {
  EXPECT_GT(recorded.size(), 4U);
  EXPECT_THAT(unknown_names(rules), testing::IsEmpty());
  EXPECT_THAT(unknown_names(text_of(source / "deploy/grafana/tocsin.json")), testing::IsEmpty());
}

TEST_F(published, every_alert_says_what_to_do) {
  EXPECT_EQ(all(text_of(source / "docs/alerts.md"), "^## (.+)$"), all(rules, "^ +- alert: (.+)$"));
}

TEST_F(published, promtool_finds_nothing_wrong) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is not installed (Debian: prometheus)";
  const auto file = std::filesystem::temp_directory_path() / fmt::format("tocsin-metrics-{}", ::getpid());
  std::ofstream(file) << observe::render(sources, observe::exposition::prometheus_text);
  EXPECT_EQ(std::system(fmt::format("promtool check metrics <'{}'", file.string()).c_str()), 0);
  std::filesystem::remove(file);
  EXPECT_EQ(std::system(fmt::format("promtool check rules '{}'", rules_file.string()).c_str()), 0);
  EXPECT_EQ(std::system(
                fmt::format("promtool test rules '{}'", (source / "deploy/prometheus/tocsin.rules.test.yaml").string()).c_str()),
            0);
}

} // namespace
} // namespace tocsin::api
