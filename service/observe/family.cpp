#include "observe/family.hpp"

#include <limits>

namespace tocsin::observe {

using prometheus::MetricType;

family::family(std::string name, std::string help, MetricType type) {
  family_.name = std::move(name);
  family_.help = std::move(help);
  family_.type = type;
}

family family::counter(std::string name, std::string help) { return {std::move(name), std::move(help), MetricType::Counter}; }
family family::gauge(std::string name, std::string help) { return {std::move(name), std::move(help), MetricType::Gauge}; }
family family::histogram(std::string name, std::string help) { return {std::move(name), std::move(help), MetricType::Histogram}; }

prometheus::ClientMetric& family::append(const labels& of) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  for (const auto& [name, value] : of) metric.label.push_back({std::string(name), std::string(value)});
  return metric;
}

family& family::add(const labels& of, double value) {
  prometheus::ClientMetric& metric = append(of);
  if (family_.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  return *this;
}

family& family::add(const labels& of, prometheus::ClientMetric::Histogram value) {
  value.bucket.push_back({value.sample_count, std::numeric_limits<double>::infinity()});
  append(of).histogram = std::move(value);
  return *this;
}

} // namespace tocsin::observe
