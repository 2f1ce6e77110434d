#include "exposition_checker.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace tocsin::test {
namespace {

class checker {
public:
  explicit checker(bool openmetrics) : openmetrics_(openmetrics) {}

  exposition_content check(std::string_view text) {
    if (text.empty() || text.back() != '\n') fail("the text does not end in a line break");
    std::istringstream lines{std::string(text)};
    while (std::getline(lines, line_)) {
      ++number_;
      if (ended_) fail("a line after # EOF");
      line();
    }
    end_of_family();
    if (openmetrics_ && !ended_) fail("# EOF is missing");
    return std::move(content_);
  }

private:
  [[noreturn]] void fail(std::string_view why) const {
    throw std::runtime_error(fmt::format("line {}: {}: {}", number_, why, line_));
  }

  void line() {
    static const std::regex meta("# (TYPE|HELP|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    std::smatch found;
    if (openmetrics_ && line_ == "# EOF") {
      ended_ = true;
    } else if (line_.empty()) {
      fail("an empty line");
    } else if (std::regex_match(line_, found, meta)) {
      start_or_go_on(found[2]);
      metadata(found[1], found[3]);
    } else if (line_[0] == '#') {
      fail("a comment that is no metadata");
    } else {
      sample();
    }
  }

  void start_or_go_on(const std::string& family) {
    if (family == family_) return;
    end_of_family();
    if (!families_.insert(family).second) fail("the family's lines are not in one block");
    family_ = family;
    type_.reset(), help_.reset(), unit_.reset();
    has_samples_ = false;
  }

  void metadata(const std::string& kind, const std::string& value) {
    if (has_samples_) fail("metadata after samples");
    std::optional<std::string>& slot = kind == "TYPE" ? type_ : kind == "HELP" ? help_ : unit_;
    if (slot) fail("said twice");
    slot = value;
    if (kind == "TYPE") {
      if (value != "counter" && value != "gauge" && value != "histogram") fail("unknown type");
      if (value == "counter" && openmetrics_ == family_.ends_with("_total")) fail("_total at the wrong place");
      content_.types[family_] = value;
    }
    if (kind == "UNIT" && (!openmetrics_ || !family_.ends_with("_" + value))) fail("a unit that the name does not end in");
    if (kind == "HELP" && value.empty()) fail("an empty help");
  }

  void sample() {
    static const std::string label = R"re([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*")re";
    static const std::regex whole("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{" + label + "(?:," + label + ")*\\})? (\\S+)");
    std::smatch found;
    if (!std::regex_match(line_, found, whole)) fail("no sample");
    if (!type_ || !help_) fail("a sample without TYPE and HELP");
    has_samples_ = true;
    const std::string name = found[1], labels = found[2];
    const double value = number(found[3]);
    if (!content_.samples.try_emplace(name + labels, value).second) fail("a sample twice");
    label_names(labels);
    const std::string suffix = name.starts_with(family_) ? name.substr(family_.size()) : "?";
    if (*type_ == "histogram")
      histogram(suffix, labels, value);
    else if (suffix != (*type_ == "counter" && openmetrics_ ? "_total" : ""))
      fail("a sample of another family");
    if (*type_ == "counter" && !(value >= 0)) fail("a counter below 0");
  }

  double number(const std::string& text) const {
    if (text == "+Inf") return INFINITY;
    static const std::regex form("[-+]?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    if (!std::regex_match(text, form)) fail("no number");
    return std::stod(text);
  }

  void label_names(const std::string& labels) const {
    static const std::regex name(R"re([{,]([a-zA-Z_][a-zA-Z0-9_]*)=)re");
    std::set<std::string> seen;
    for (std::sregex_iterator it(labels.begin(), labels.end(), name), end; it != end; ++it)
      if (!seen.insert((*it)[1]).second) fail("a label twice");
  }

  struct series {
    double last_bound = -INFINITY, last_count = 0;
    std::optional<double> count, sum;
  };

  void histogram(const std::string& suffix, const std::string& labels, double value) {
    static const std::regex le(R"re(,?le="([^"]*)")re");
    std::smatch found;
    std::string rest = labels;
    const bool has_bound = std::regex_search(labels, found, le);
    if (has_bound) rest = std::regex_replace(labels, le, "");
    series& of = series_[rest == "{}" ? "" : rest];
    if (suffix == "_bucket") {
      if (!has_bound) fail("a bucket without a bound");
      const std::string text = found[1];
      if (openmetrics_ && text.find_first_of(".eI") == std::string::npos) fail("a bound that is no canonical float");
      const double bound = number(text);
      if (bound <= of.last_bound) fail("bounds do not ascend");
      if (value < of.last_count) fail("not cumulative");
      of.last_bound = bound, of.last_count = value;
    } else if (suffix == "_count") {
      of.count = value;
    } else if (suffix == "_sum") {
      of.sum = value;
    } else {
      fail("no part of a histogram");
    }
  }

  void end_of_family() {
    for (const auto& [labels, of] : series_) {
      if (of.last_bound != INFINITY) fail("no +Inf bucket for " + labels);
      if (!of.count || !of.sum || *of.count != of.last_count) fail("_count is not that of the +Inf bucket, or missing");
    }
    series_.clear();
  }

  bool openmetrics_, ended_ = false, has_samples_ = false;
  int number_ = 0;
  std::string line_, family_;
  std::optional<std::string> type_, help_, unit_;
  std::set<std::string> families_;
  std::map<std::string, series> series_;
  exposition_content content_;
};

} // namespace

exposition_content check_exposition(std::string_view text, observe::exposition format) {
  return checker(format == observe::exposition::openmetrics).check(text);
}

} // namespace tocsin::test
