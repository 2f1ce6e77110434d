#include "kafka/dead_letters.hpp"

#include "kafka/producer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <deque>
#include <map>

namespace tocsin::kafka {
namespace asio = boost::asio;
namespace {

constexpr std::size_t longest_detail = 1000;
constexpr auto log_interval = std::chrono::seconds(60);

std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size; // not inside a character
  return text.substr(0, size);
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), ms.count());
}

// The original headers, then ours.
class annotated_headers {
public:
  explicit annotated_headers(std::vector<header_view> original) : headers_(std::move(original)) {}
  void add(std::string_view name, std::string value) { headers_.push_back({name, values_.emplace_back(std::move(value))}); }
  [[nodiscard]] std::span<const header_view> get() const noexcept { return headers_; }

private:
  std::vector<header_view> headers_;
  std::deque<std::string> values_; // addresses stay
};

} // namespace

class dead_letters::impl {
public:
  impl(asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& kafka,
       const config::dead_letter_settings& settings, dead_letter_handler& handler, dead_letters_options options)
      : topic_(settings.topic),
        group_(kafka.group),
        handler_(handler),
        log_(options.log),
        producer_(std::move(executor), pool, producer_settings(kafka, std::move(options))) {}

  std::optional<failure> send(const record& source, const dead_letter_note& note, std::uint64_t id,
                              std::chrono::system_clock::time_point now);
  producer& get() noexcept { return producer_; }

private:
  producer_options producer_settings(const config::kafka_settings& kafka, dead_letters_options options) {
    producer_options settings;
    settings.brokers = kafka.brokers;
    settings.properties = kafka.properties;
    settings.client_id = std::move(options.client_id);
    settings.log = std::move(options.log);
    settings.on_report = [this](const delivery_report& report) { on_report(report); };
    return settings;
  }

  void on_report(const delivery_report& report) {
    if (report.error) complain(*report.error);
    handler_.on_dead_letter(report.id, report.error);
  }

  // While the topic cannot be written, every attempt fails: one line a minute for each kind of failure.
  void complain(const failure& error) {
    const auto now = std::chrono::steady_clock::now();
    const auto [last, first] = complaints_.try_emplace(error.code, now);
    if (!first && now - last->second < log_interval) return;
    last->second = now;
    if (!log_) return;
    log_({error.code == "MSG_SIZE_TOO_LARGE" ? severity::error : severity::warning,
          error.code == "MSG_SIZE_TOO_LARGE"
              ? "a dead letter is larger than its topic takes and waits: raise the topic's max.message.bytes"
              : "a dead letter could not be written and waits",
          {{"topic", topic_}, {"code", error.code}, {"error", error.message}}});
  }

  std::string topic_;
  std::string group_;
  dead_letter_handler& handler_;
  log_function log_;
  std::map<std::string, std::chrono::steady_clock::time_point> complaints_;
  producer producer_;
};

std::optional<failure> dead_letters::impl::send(const record& source, const dead_letter_note& note, std::uint64_t id,
                                                std::chrono::system_clock::time_point now) {
  annotated_headers headers(source.headers());
  headers.add("tocsin-topic", std::string(source.topic()));
  headers.add("tocsin-partition", std::to_string(source.partition()));
  headers.add("tocsin-offset", std::to_string(source.offset()));
  if (source.timestamp_ms()) headers.add("tocsin-timestamp", std::to_string(*source.timestamp_ms()));
  headers.add("tocsin-reason", std::string(note.reason));
  headers.add("tocsin-detail", std::string(cut(note.detail, longest_detail)));
  if (note.status) headers.add("tocsin-status", std::to_string(*note.status));
  if (note.attempts) headers.add("tocsin-attempts", std::to_string(*note.attempts));
  headers.add("tocsin-group", group_);
  headers.add("tocsin-time", rfc3339(now));

  outgoing message;
  message.topic = topic_;
  message.key = source.key();
  message.value = source.value();
  message.headers = headers.get();
  std::optional<failure> refused = producer_.send(message, id);
  if (refused) complain(*refused);
  return refused;
}

dead_letters::dead_letters(asio::any_io_executor executor, blocking_pool& pool, const config::kafka_settings& kafka,
                           const config::dead_letter_settings& settings, dead_letter_handler& handler,
                           dead_letters_options options)
    : impl_(std::make_unique<impl>(std::move(executor), pool, kafka, settings, handler, std::move(options))) {}
dead_letters::~dead_letters() = default;
asio::awaitable<void> dead_letters::run() { return impl_->get().run(); }
std::optional<failure> dead_letters::send(const record& source, const dead_letter_note& note, std::uint64_t id,
                                          std::chrono::system_clock::time_point now) {
  return impl_->send(source, note, id, now);
}
std::size_t dead_letters::outstanding() const noexcept { return impl_->get().outstanding(); }
asio::awaitable<void> dead_letters::close(std::chrono::milliseconds bound) { return impl_->get().close(bound); }
void dead_letters::provoke_fatal_error() { impl_->get().provoke_fatal_error(); }

} // namespace tocsin::kafka
