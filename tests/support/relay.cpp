#include "support/relay.hpp"

#include "support/http_client.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tocsin::support {
namespace {

std::string members(const std::map<std::string, std::string>& all) {
  std::string text;
  for (const auto& [name, value] : all) text += fmt::format("  {}: {}\n", name, value);
  return text;
}

std::string text_of(const relay_options& o, std::uint16_t ops, std::uint16_t admin) {
  std::string text =
      fmt::format("kafka:\n  brokers: {}\n  topics: [{}]\n  group: {}\n", o.brokers, o.topic, o.group) + members(o.kafka);
  if (!o.properties.empty()) {
    text += "  properties:\n";
    for (const auto& [name, value] : o.properties) text += fmt::format("    {}: \"{}\"\n", name, value);
  }
  auto event = o.event;
  auto endpoint = o.endpoint;
  if (o.guance) {
    const auto folder = guance_folder();
    event.emplace("schema", (folder / "event.schema.json").string());
    event.emplace("mapping", (folder / "to-omp.json").string());
    endpoint.emplace("responses", R"y(
    - {when: "status == 200 && body.code == 0", then: delivered}
    - {when: "status == 400 && 'not match any cmdb instance' in body.error", then: skipped, as: no_matching_instance}
    - {when: "status == 200", then: rejected})y");
  }
  if (!event.empty()) text += "event:\n" + members(event);
  text += fmt::format("endpoint:\n  url: {}\n", o.url) + members(endpoint);
  if (!o.retry.empty()) text += "retry:\n" + members(o.retry);
  text += o.dead_letter.empty() ? "dead_letter: off\n" : fmt::format("dead_letter: {{topic: {}}}\n", o.dead_letter);
  if (!o.delivery.empty()) text += "delivery:\n" + members(o.delivery);
  if (!o.shutdown.empty()) text += "shutdown:\n" + members(o.shutdown);
  text += fmt::format("admin: {{ops: \"127.0.0.1:{}\", listen: \"127.0.0.1:{}\"}}\n", ops, admin);
  text += "log: {level: info, format: json}\n";
  return text;
}

} // namespace

std::filesystem::path tocsin_program() { return std::filesystem::path(TOCSIN_BINARY_DIR) / "tocsin"; }
std::filesystem::path guance_folder() { return std::filesystem::path(TOCSIN_SOURCE_DIR) / "proto-free-schemas" / "guance"; }

relay::relay(relay_options options) : file_(directory_.path() / "tocsin.yaml"), ops_port_(free_port()), admin_port_(free_port()) {
  write_file(file_, text_of(options, ops_port_, admin_port_));
}

void relay::start() {
  earlier_ = log();
  process_ =
      std::make_unique<support::process>(std::vector<std::string>{tocsin_program().string(), "run", "--config", file_.string()});
}

support::process& relay::process() { return *process_; }

std::optional<ended> relay::stop(std::chrono::milliseconds limit) {
  process_->send(SIGTERM);
  return process_->wait(limit);
}

void relay::kill() {
  process_->send(SIGKILL);
  if (!process_->wait(10s)) throw std::runtime_error("a killed process does not end");
}

std::int64_t relay::total(const boost::json::object& status, std::string_view name) {
  return status.at("totals").as_object().at(name).to_number<std::int64_t>();
}

std::optional<boost::json::object> relay::status() const {
  const auto answered = http_get(admin_port_, "/v1/status", 5s);
  if (!answered || answered->status != 200) return std::nullopt;
  auto status = boost::json::parse(answered->body).as_object();
  std::int64_t out = 0;
  for (const auto* name : {"delivered", "skipped", "dead_lettered", "dropped", "returned", "in_progress"})
    out += total(status, name);
  balanced_ = balanced_ && total(status, "received") == out;
  return status;
}

bool relay::wait_until(const condition& met, std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (const auto now = status(); now && met(*now)) return true;
    std::this_thread::sleep_for(20ms); // between two questions
  }
  return false;
}

std::string relay::metrics() const {
  const auto answered = http_get(ops_port_, "/metrics");
  return answered ? answered->body : std::string();
}

std::string relay::log() const {
  if (!process_) return earlier_;
  return earlier_ + process_->out() + process_->err();
}

} // namespace tocsin::support
