#include "observe/exposition.hpp"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace tocsin::observe {
namespace {

using prometheus::ClientMetric, prometheus::MetricFamily, prometheus::MetricType;

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the part before the separator off the front of `rest`.
std::string_view next(std::string_view& rest, char separator) noexcept {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The weight that a media range's parameters give it; 1 where they do not, 0 where they are nonsense.
double weight(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    std::string_view parameter = next(parameters, ';');
    if (!equal_ignoring_case(next(parameter, '='), "q")) continue;
    double value = 0;
    const auto parsed = std::from_chars(parameter.data(), parameter.data() + parameter.size(), value);
    return parsed.ec == std::errc{} && value >= 0 && value <= 1 ? value : 0;
  }
  return 1;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  return fmt::format("{}", value);
}

// OpenMetrics: the canonical form of a bucket's bound is that of a float, `1.0` and not `1`.
std::string bound(double value) {
  std::string text = number(value);
  if (text.find_first_not_of("0123456789-") == std::string::npos) text += ".0";
  return text;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"')
      out += "\\\"";
    else
      out += c;
  }
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix, const ClientMetric& metric,
                   std::string_view value, std::string_view le = {}) {
  out.append(name).append(suffix);
  char separator = '{';
  const auto label = [&](std::string_view key, std::string_view text) {
    out += separator;
    out.append(key).append("=\"");
    append_escaped(out, text);
    out += '"';
    separator = ',';
  };
  for (const ClientMetric::Label& each : metric.label) label(each.name, each.value);
  if (!le.empty()) label("le", le);
  if (separator == ',') out += '}';
  out += ' ';
  out.append(value).append("\n");
}

void append_family(std::string& out, const MetricFamily& family) {
  std::string_view name = family.name;
  std::string_view type = "gauge";
  if (family.type == MetricType::Counter) {
    type = "counter";
    if (name.ends_with("_total")) name.remove_suffix(std::string_view("_total").size());
  } else if (family.type == MetricType::Histogram) {
    type = "histogram";
  }
  fmt::format_to(std::back_inserter(out), "# TYPE {} {}\n", name, type);
  for (const std::string_view unit : {"seconds", "bytes"})
    if (name.ends_with(unit) && name.size() > unit.size() && name[name.size() - unit.size() - 1] == '_')
      fmt::format_to(std::back_inserter(out), "# UNIT {} {}\n", name, unit);
  fmt::format_to(std::back_inserter(out), "# HELP {} ", name);
  append_escaped(out, family.help);
  out += '\n';
  for (const ClientMetric& metric : family.metric) {
    if (family.type == MetricType::Histogram) {
      for (const ClientMetric::Bucket& bucket : metric.histogram.bucket)
        append_sample(out, name, "_bucket", metric, fmt::to_string(bucket.cumulative_count), bound(bucket.upper_bound));
      append_sample(out, name, "_count", metric, fmt::to_string(metric.histogram.sample_count));
      append_sample(out, name, "_sum", metric, number(metric.histogram.sample_sum));
    } else if (family.type == MetricType::Counter) {
      append_sample(out, name, "_total", metric, number(metric.counter.value));
    } else {
      append_sample(out, name, "", metric, number(metric.gauge.value));
    }
  }
}

std::vector<MetricFamily> collect(std::span<const prometheus::Collectable* const> sources) {
  std::vector<MetricFamily> all;
  for (const prometheus::Collectable* source : sources) {
    for (MetricFamily& family : source->Collect()) {
      const auto same = std::ranges::find(all, family.name, &MetricFamily::name);
      if (same == all.end())
        all.push_back(std::move(family));
      else
        std::ranges::move(family.metric, std::back_inserter(same->metric));
    }
  }
  return all;
}

} // namespace

exposition exposition_for(std::string_view accept) noexcept {
  double openmetrics = 0, text = 0;
  while (!accept.empty()) {
    std::string_view range = next(accept, ',');
    const std::string_view type = next(range, ';');
    if (equal_ignoring_case(type, "application/openmetrics-text")) openmetrics = std::max(openmetrics, weight(range));
    if (equal_ignoring_case(type, "text/plain")) text = std::max(text, weight(range));
  }
  return openmetrics > 0 && openmetrics >= text ? exposition::openmetrics : exposition::prometheus_text;
}

std::string_view content_type(exposition format) noexcept {
  return format == exposition::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

std::string render(std::span<const prometheus::Collectable* const> sources, exposition format) {
  const std::vector<MetricFamily> families = collect(sources);
  if (format == exposition::prometheus_text) return prometheus::TextSerializer().Serialize(families);
  std::string out;
  for (const MetricFamily& family : families) append_family(out, family);
  return out += "# EOF\n";
}

} // namespace tocsin::observe
