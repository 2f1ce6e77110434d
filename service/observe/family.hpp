// Building prometheus::MetricFamily values, for everything that implements prometheus::Collectable here.
#pragma once

#include "observe/cells.hpp"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::observe {

using labels = std::vector<std::pair<std::string_view, std::string_view>>;

class family {
public:
  family(std::string name, std::string help, prometheus::MetricType);
  static family counter(std::string name, std::string help); // `name` ends in _total
  static family gauge(std::string name, std::string help);
  static family histogram(std::string name, std::string help);

  family& add(const labels&, double value); // of a counter or gauge
  family& add(const labels& of, std::uint64_t value) { return add(of, static_cast<double>(value)); }
  family& add(const labels& of, std::int64_t value) { return add(of, static_cast<double>(value)); }
  family& add(const labels& of, const counter_cell& cell) { return add(of, cell.value()); }
  family& add(const labels& of, const gauge_cell& cell) { return add(of, cell.value()); }

  template <const auto& Bounds>
  family& add(const labels& of, const histogram_cell<Bounds>& cell) {
    prometheus::ClientMetric::Histogram value;
    for (std::size_t bucket = 0; bucket < cell.size; ++bucket) {
      value.sample_count += cell.count(bucket);
      if (bucket + 1 < cell.size) value.bucket.push_back({value.sample_count, cell.bound_seconds(bucket)});
    }
    value.sample_sum = cell.sum_seconds();
    return add(of, std::move(value));
  }

  prometheus::MetricFamily take() { return std::move(family_); }

private:
  family& add(const labels&, prometheus::ClientMetric::Histogram);
  prometheus::ClientMetric& append(const labels&);

  prometheus::MetricFamily family_;
};

} // namespace tocsin::observe
