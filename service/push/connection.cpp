#include "push/connection.hpp"

#include "runtime/assertion.hpp"

namespace tocsin::push {

using delivery::outcome;
using delivery::retry_reason;

connection::connection(core& shared) : core_(shared), parked_(shared.executor) {}
connection::~connection() = default;

void connection::wake(reason why) {
  woken_for_ = why;
  parked_.notify_one();
}

void connection::abort() noexcept {
  if (dialling_ != nullptr) dialling_->abort();
  if (channel_) channel_->abort();
}

void connection::enforce_deadline(clock::time_point now) noexcept {
  if (now < deadline_) return;
  deadline_ = clock::time_point::max();
  if (channel_) channel_->abort();
}

bool connection::usable(clock::time_point now) { return channel_ && now < retire_at_ && channel_->quiet(); }

runtime::task<> connection::run() {
  core_.opening();
  while (!core_.closed()) {
    if (!channel_) {
      if (!core_.taking() || core_.surplus()) break;
      const core::dialling until_open(core_);
      core_.wake(); // others may open at the same time
      const auto result = co_await open();
      if (core_.closed()) break;
      if (result.reason != retry_reason::none) {
        core_.hold_back();
        core_.source.connect_failed(result.reason, result.detail);
        break;
      }
    }
    const auto work = core_.taking() ? core_.source.next() : std::nullopt;
    if (!work) {
      co_await park();
      if (woken_for_ == reason::retire) break;
      continue;
    }
    core_.attempt_begins();
    core_.wake();
    const auto request = begin(*work);
    auto end = co_await channel_->exchange(request, answer_, core_.wanted_of_answers());
    if (is_stale(end)) {
      const auto second = co_await send_again(*work);
      if (!second) {
        core_.attempt_ends();
        if (!channel_) break;
        continue;
      }
      end = *second;
    }
    conclude(*work, end);
  }
  channel_.reset();
  core_.leave(*this);
}

runtime::task<> connection::park() {
  idle_since_ = clock::now();
  core_.park(*this);
  co_await parked_.wait(runtime::use_task);
  if (!usable(clock::now())) channel_.reset();
}

message connection::begin(const outgoing& work) {
  began_ = clock::now();
  deadline_ = began_ + core_.settings.timeout;
  return {core_.compose(work), work.body};
}

// Closed by the endpoint while it was idle, or just when we wrote: no attempt has reached anybody, as far as one can know, and
// the idempotency key covers the rest.
bool connection::is_stale(const exchange_end& end) const noexcept {
  return end.how == exchange_end::kind::silent && end.reason == retry_reason::reset && answers_ > 0 && !core_.closed();
}

runtime::task<connection::opened> connection::open() {
  const auto deadline = clock::now() + core_.settings.connect_timeout;
  core_.refresh_secrets(clock::now());
  answers_ = 0;
  opened failed;
  dial dialling(core_.executor, *core_.names);
  dialling_ = &dialling;
  auto socket = co_await dialling.run(core_.plan.url, deadline);
  dialling_ = nullptr;
  if (!socket) {
    failed = {socket.error().reason, socket.error().detail};
  } else if (!core_.plan.tls) {
    channel_ = make_plain_channel(std::move(*socket));
  } else {
    auto tls = make_tls_channel(std::move(*socket), *core_.plan.tls);
    auto* const handshaking = tls.get();
    channel_ = std::move(tls);
    deadline_ = deadline;
    failed.detail = co_await handshaking->handshake(core_.plan.url);
    deadline_ = clock::time_point::max();
    if (!failed.detail.empty()) {
      failed.reason = retry_reason::tls;
      channel_.reset();
    }
  }
  if (core_.closed()) co_return failed;
  if (failed.reason == retry_reason::none) {
    retire_at_ = core_.retirement(clock::now());
    core_.probe.connection_opened();
  } else {
    core_.probe.connection_error(failed.reason);
  }
  co_return failed;
}

runtime::task<std::optional<exchange_end>> connection::send_again(outgoing work) {
  deadline_ = clock::time_point::max();
  channel_.reset();
  const auto result = co_await open();
  if (core_.closed()) co_return std::nullopt;
  if (result.reason != retry_reason::none) {
    core_.hold_back();
    delivery::attempt_result failed;
    failed.outcome = outcome::endpoint_fault;
    failed.reason = result.reason;
    failed.detail = result.detail;
    core_.source.finished(work.id, failed, clock::now() - began_);
    co_return std::nullopt;
  }
  if (!core_.source.may_send(work.id)) {
    core_.source.withdraw(work.id);
    co_return std::nullopt;
  }
  const auto request = begin(work);
  const auto end = co_await channel_->exchange(request, answer_, core_.wanted_of_answers());
  co_return end;
}

delivery::attempt_result connection::judge(const exchange_end& end) {
  delivery::attempt_result result;
  result.status = answer_.status;
  if (end.how != exchange_end::kind::whole) {
    core_.probe.connection_error(end.reason);
    answer_.cut_short = end.reason;
    answer_.cut_detail = end.detail;
  } else if (core_.plan.policy.empty() && answer_.status < 300) {
    result.outcome = outcome::delivered;
    return result;
  }
  if (answer_.status == 0) {
    result.outcome = outcome::try_again;
    result.reason = end.reason;
    result.detail = end.detail;
    return result;
  }
  auto verdict =
      core_.plan.policy.decide(answer_, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  for (; verdict.failed_expressions > 0; --verdict.failed_expressions) core_.probe.expression_failed();
  return std::move(verdict.result);
}

void connection::conclude(const outgoing& work, const exchange_end& end) {
  const auto now = clock::now();
  deadline_ = clock::time_point::max();
  if (core_.closed()) return core_.attempt_ends();
  const auto result = judge(end);
  ++answers_;
  if (!end.reusable || now >= retire_at_) channel_.reset();
  core_.attempt_ends();
  core_.source.finished(work.id, result, now - began_);
}

} // namespace tocsin::push
