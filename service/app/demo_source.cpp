#include "app/demo_source.hpp"

#include "kafka/producer.hpp"
#include "runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

namespace tocsin::app {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr std::array hosts{"web001", "web002", "web003", "db001", "db002", "cache001", "queue001", "gateway001"};
constexpr std::array services{"订单", "支付", "库存", "登录", "搜索"};
constexpr std::array states{"warning", "error", "critical", "ok"};

struct sample {
  std::string key, value;
};

sample make_sample(std::uint64_t n) {
  const bool unlisted = n % 50 == 17;
  const std::string host = unlisted ? "unlisted" : hosts[n % hosts.size()];
  const auto* service = services[n % services.size()];
  const auto* status = states[(n / hosts.size()) % states.size()];
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  // One in a hundred lacks its status: the schema refuses it.
  const auto status_member = n % 100 == 42 ? std::string() : fmt::format(R"("df_status":"{}",)", status);
  return {host,
          fmt::format(R"({{"date":{},"df_event_id":"event-{:032x}","df_source":"monitor",{}"df_title":"主机 {} 的 {} 服务异常",)"
                      R"("df_message":"CPU 使用率 {}%\n请检查","df_dimension_tags":"{{\"host\":\"{}\",\"service\":\"{}\"}}",)"
                      R"("df_workspace_name":"生产环境","df_workspace_uuid":"wksp_{:032x}","df_monitor_name":"CPU",)"
                      R"("Result":{},"host":"{}"}})",
                      now, n + 1, status_member, host, service, 50 + n % 50, host, service, 7, 50 + n % 50, host)};
}

} // namespace

class demo_source::impl {
public:
  impl(const std::string& brokers, std::string topic, std::uint32_t rate)
      : topic_(std::move(topic)),
        rate_(rate),
        tasks_(context_.get_executor()),
        timer_(context_),
        producer_(context_.get_executor(), pool_, options(brokers)) {
    tasks_.spawn(producer_.run());
    tasks_.spawn(produce());
    thread_ = std::thread([this] { context_.run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(context_, [this] {
      stopping_ = true;
      timer_.cancel();
    });
    thread_.join();
  }

  std::uint64_t produced() const noexcept { return produced_; }

private:
  kafka::producer_options options(const std::string& brokers) {
    kafka::producer_options made;
    made.brokers = brokers;
    made.client_id = "tocsin-demo";
    made.on_report = [this](const kafka::delivery_report& report) {
      if (!report.error) ++produced_;
    };
    return made;
  }

  asio::awaitable<void> produce() {
    const auto began = clock::now();
    std::uint64_t sent = 0;
    while (!stopping_) {
      const auto due = std::chrono::duration<double>(clock::now() - began).count() * rate_;
      while (static_cast<double>(sent) < due) {
        const auto made = make_sample(sent);
        if (producer_.send({.topic = topic_,
                            .partition = std::nullopt,
                            .key = made.key,
                            .value = made.value,
                            .headers = {},
                            .timestamp_ms = std::nullopt},
                           sent))
          break;
        ++sent;
      }
      timer_.expires_after(std::chrono::milliseconds(5));
      boost::system::error_code cancelled;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_await producer_.close(std::chrono::seconds(5));
  }

  std::string topic_;
  std::uint32_t rate_;
  asio::io_context context_{1};
  kafka::blocking_pool pool_;
  runtime::task_group tasks_;
  asio::steady_timer timer_;
  std::atomic<std::uint64_t> produced_{0};
  kafka::producer producer_;
  bool stopping_ = false;
  std::thread thread_;
};

demo_source::demo_source(const std::string& brokers, std::string topic, std::uint32_t rate)
    : impl_(std::make_unique<impl>(brokers, std::move(topic), rate)) {}
demo_source::~demo_source() { stop(); }
void demo_source::stop() { impl_->stop(); }
std::uint64_t demo_source::produced() const noexcept { return impl_->produced(); }

} // namespace tocsin::app
