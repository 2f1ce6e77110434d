#include "cli/transform.hpp"

#include "app/assembly.hpp"
#include "cli/file_changes.hpp"
#include "cli/transform_line.hpp"
#include "config/load.hpp"
#include "config/version.hpp"
#include "transform/transformer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>
#include <unistd.h>

namespace tocsin::cli {

namespace fs = std::filesystem;

namespace {

constexpr int failure = 1, usage = 64, configuration = 78;

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

class workbench {
public:
  workbench(const transform_options& options, std::istream& in, std::ostream& out, std::ostream& err)
      : options_(options), in_(in), out_(out), err_(err) {}

  int run_once() {
    auto faults = prepare();
    const auto made = transform::make_transformer(settings_);
    if (!options_.config.empty()) {
      if (!made) config::add_faults(faults.errors, app::faults_of(made.error()), faults.lines);
      for (const auto& error : faults.errors) err_ << config::to_text(error, options_.config.string()) << '\n';
    } else if (!made) {
      for (const auto& problem : made.error()) err_ << transform::to_string(problem) << '\n';
    }
    if (!made || !faults.errors.empty()) return configuration;
    if (from_standard_input()) return events(**made, in_);
    std::ifstream file(options_.input, std::ios::binary);
    if (!file) {
      err_ << fmt::format("{}: cannot be read: there is no such file, or it is not ours to read\n", options_.input.string());
      return failure;
    }
    return events(**made, file);
  }

  bool from_standard_input() const { return options_.input.empty() || options_.input == "-"; }

  std::vector<fs::path> files() const {
    std::vector<fs::path> result;
    for (const auto& path : {options_.config, options_.input, settings_.schema, settings_.mapping, settings_.outbound_schema}) {
      if (!path.empty()) result.push_back(path);
    }
    for (const auto& table : settings_.tables)
      if (!table.file.empty()) result.push_back(table.file);
    return result;
  }

private:
  // The settings of this run, and what is wrong with the configuration that they come from.
  config::reading<config::event_settings> prepare() {
    headers_ = {{"Content-Type", "application/json"}, {"User-Agent", fmt::format("tocsin/{}", config::version())}};
    topic_.clear();
    if (options_.config.empty()) {
      settings_ = {};
      settings_.mapping = options_.mapping;
      settings_.schema = options_.schema;
      return {};
    }
    auto event = config::read_event(options_.config);
    settings_ = event.values;
    if (const auto whole = config::load(options_.config)) {
      for (const auto& header : whole->endpoint.headers) set_header(header);
      topic_ = whole->kafka.topics.front();
    }
    return event;
  }

  void set_header(const std::pair<std::string, std::string>& header) {
    const auto there =
        std::find_if(headers_.begin(), headers_.end(), [&](const auto& h) { return same_name(h.first, header.first); });
    if (there == headers_.end())
      headers_.push_back(header);
    else
      *there = header;
  }

  int events(transform::transformer& transformer, std::istream& lines) {
    transform_line writer(headers_, options_.colours);
    transform::verdict verdict;
    std::string text;
    for (std::uint64_t line = 1; std::getline(lines, text); ++line) {
      if (text.ends_with('\r')) text.pop_back();
      transform::record_view record;
      record.topic = topic_;
      record.offset = static_cast<std::int64_t>(line - 1);
      record.value = text;
      std::string explanation;
      if (options_.explain) {
        transformer.transform(record, verdict, [&](std::string_view pointer, std::string_view value) {
          explanation += writer.explained(pointer, value) + '\n';
        });
      } else {
        transformer.transform(record, verdict);
      }
      if (!options_.bodies)
        out_ << writer.of(line, record, verdict) << '\n';
      else if (verdict.kind == transform::verdict_kind::deliver)
        out_ << body_of(record, verdict) << '\n';
      out_ << explanation;
      if (!verdict.expression_detail.empty()) err_ << fmt::format("line {}: {}\n", line, verdict.expression_detail);
      if (!out_) return failure;
    }
    out_.flush();
    return out_ ? 0 : failure;
  }

  const transform_options& options_;
  std::istream& in_;
  std::ostream& out_;
  std::ostream& err_;
  config::event_settings settings_;
  header_list headers_;
  std::string topic_;
};

// Empty where the options fit together.
std::string contradiction(const transform_options& o) {
  if (o.config.empty() == (o.mapping.empty() && o.schema.empty()))
    return "give either --config FILE or --mapping FILE (and --schema FILE)";
  if (o.watch && (o.input.empty() || o.input == "-")) return "--watch reads its events again, so give it a file of events";
  if (o.bodies && o.explain) return "--bodies writes the bodies alone, so it does not go with --explain";
  return {};
}

bool wait_for_change(const std::vector<fs::path>& files) {
  const file_changes since(files);
  while (!since.any()) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return true;
}

} // namespace

int run_transform(const transform_options& options, std::istream& in, std::ostream& out, std::ostream& err,
                  const change_wait& wait) {
  if (const std::string wrong = contradiction(options); !wrong.empty()) {
    err << "tocsin transform: " << wrong << '\n';
    return usage;
  }
  workbench bench(options, in, out, err);
  int code = bench.run_once();
  while (options.watch && wait(bench.files())) {
    if (options.colours)
      out << "\x1b[2J\x1b[H"; // a fresh screen
    else
      out << '\n';
    code = bench.run_once();
    out.flush();
  }
  return code;
}

int run_transform(const transform_options& options, std::istream& in, std::ostream& out, std::ostream& err) {
  return run_transform(options, in, out, err, wait_for_change);
}

int run_transform(transform_options options) {
  options.colours = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  return run_transform(options, std::cin, std::cout, std::cerr);
}

} // namespace tocsin::cli
