#include "model.hpp"

#include <fmt/format.h>

namespace tocsin::simulation {

using namespace std::chrono_literals;
using delivery::outcome;

namespace {
event_id take(std::vector<event_id>& from, std::size_t which) {
  const auto at = which % from.size();
  const auto id = from[at];
  from[at] = from.back();
  from.pop_back();
  return id;
}
} // namespace

model::model(const options& drawn, std::uint64_t seed, std::function<void(const std::string&)> tell)
    : drawn_(drawn),
      tell_(std::move(tell)),
      random_(seed ^ 0x776f726c64ULL),
      logs_(drawn.partitions),
      holdings_(drawn.partitions),
      oracle_(drawn, logs_),
      now_(1000h) {
  start_process();
}

void model::after_engine_call() {
  engine_->take_settled(settled_);
  oracle_.settled(settled_, now_);
}

void model::step(const decision& next) {
  const auto p = partition_of(next.a);
  auto& own = holdings_[p];
  switch (next.what) {
  case action::produce:
    for (unsigned n = 1 + next.b % drawn_.batch; n > 0; --n) logs_[p].append(drawn_, p, random_.next());
    break;
  case action::poll: poll(p, 1 + next.b % drawn_.batch); break;
  case action::repeat:
    if (const auto taken = oracle_.received_up_to(p); own.state == ownership::ours && taken > logs_[p].base) {
      const auto at = logs_[p].base + next.b % (taken - logs_[p].base);
      oracle_.arrived(p, at, engine_->arrive(p, logs_[p].log[at].offset));
    }
    break;
  case action::start: start(1 + next.a % (drawn_.wide ? 200 : 8), next.b % 4 != 0); break;
  case action::send:
    if (!handed_out_.empty()) send(next.a);
    break;
  case action::finish:
    for (auto most = drawn_.wide ? 1 + next.b % 100 : 1; most > 0 && !sent_.empty(); --most) finish(next.a, next.b);
    break;
  case action::connect_fails:
    if (endpoint_ == endpoint_mode::refusing || next.b % 8 == 0) connect_fails();
    break;
  case action::hand_over: hand_over(1 + next.a % 4); break;
  case action::end_dead_letter:
    if (!letters_.empty()) end_dead_letter(next.a, next.b);
    break;
  case action::advance: pass_time(next.a, next.b); break;
  case action::begin_commit:
    if (committing_.empty() && (engine_->commit_due(now_) || next.a % 16 == 0)) begin_commit();
    break;
  case action::end_commit:
    if (!committing_.empty()) end_commit(next.b);
    break;
  case action::revoke:
    if (own.state == ownership::ours) begin_handing_back(p, ownership::revoking);
    break;
  case action::proceed: proceed(p, next.b); break;
  case action::lose:
    if (own.state != ownership::elsewhere) {
      tell([&] { return fmt::format("partition {} is lost", p); });
      release(p, ending::unclean);
      end_process_if_stopped(next.b);
    }
    break;
  case action::give:
    if (own.state == ownership::elsewhere && !shutting_down_) assign(p);
    break;
  case action::elsewhere:
    if (own.state == ownership::elsewhere) work_elsewhere(p, next.b);
    break;
  case action::seek:
    if (own.state == ownership::ours) {
      own.target = logs_[p].base + next.b % (logs_[p].size() - logs_[p].base + 1);
      begin_handing_back(p, ownership::seeking);
    }
    break;
  case action::reset_offset:
    if (own.state == ownership::elsewhere) reset_offset(p, next.b, next.a / 8);
    break;
  case action::pause: own.paused = !own.paused; break;
  case action::hold:
    held_ = !held_;
    engine_->hold(held_);
    tell([&] { return std::string(held_ ? "hold" : "go on"); });
    break;
  case action::endpoint_mode: change_endpoint(next.b); break;
  case action::dead_letter_mode:
    dead_letters_ = static_cast<letter_mode>(next.b % static_cast<unsigned>(letter_mode::count_));
    break;
  case action::delete_records: delete_records(p, next.b); break;
  case action::crash: crash(next.b); break;
  case action::shut_down:
    if (!shutting_down_) shut_down(next.b);
    break;
  case action::make_anew: make_anew(p); break;
  case action::cut: cut(p, next.b); break;
  case action::count_: break;
  }
  after_engine_call();
  oracle_.compare(*engine_);
  engine_->check();
}

void model::change_endpoint(std::uint32_t chance) {
  endpoint_ = chance % 2 == 0 ? endpoint_mode::healthy
                              : static_cast<endpoint_mode>((chance >> 8U) % static_cast<unsigned>(endpoint_mode::count_));
  tell([&] { return fmt::format("the endpoint is in mode {}", static_cast<int>(endpoint_)); });
}

// --- intake

void model::poll(unsigned p, unsigned most) {
  auto& own = holdings_[p];
  const auto& log = logs_[p].log;
  for (; most > 0; --most) {
    const bool wanted = engine_->wants(p);
    if (own.state != ownership::ours) require(!wanted, "records are wanted of a partition that is not ours");
    if (!wanted || own.paused) return;
    while (own.read < log.size() && log[own.read].gone) ++own.read;
    if (own.read == log.size()) return;
    const auto at = own.read++;
    const auto& record = log[at];
    const auto what = engine_->arrive(p, record.offset);
    oracle_.arrived(p, at, what);
    tell([&] {
      return fmt::format("partition {}: takes {} (key {}, kind {}, arrival {})", p, record.offset, static_cast<int>(record.key),
                         static_cast<int>(record.kind), static_cast<int>(what));
    });
    if (what != delivery::offset_tracker::arrival::fresh) continue;
    if (record.kind == record_kind::skipped) {
      oracle_.offered_skipped(p, at);
      engine_->offer_skipped(p, record.offset);
    } else if (record.kind == record_kind::refused) {
      oracle_.offered(p, at, engine_->offer_refused(p, record.offset, record.bytes, now_), now_);
    } else {
      const auto key = record.key == nothing ? std::nullopt : std::optional<delivery::lane_key>(record.key);
      oracle_.offered(p, at, engine_->offer(p, record.offset, record.bytes, key, now_), now_);
    }
    after_engine_call();
  }
}

// --- attempts

void model::start(unsigned most, bool send_at_once) {
  for (; most > 0 && sent_.size() + handed_out_.size() < drawn_.engine.health.connections; --most) {
    const auto wanted = engine_->connections_wanted(now_);
    const auto attempt = engine_->next_attempt(now_);
    after_engine_call();
    if (!attempt) return;
    require(wanted > sent_.size() + handed_out_.size(), "an attempt starts for which no connection was wanted");
    oracle_.attempt_started(*attempt, held_, engine_->health().period(), now_);
    handed_out_.push_back(attempt->id);
    tell([&] {
      const auto& e = engine_->get(attempt->id);
      return fmt::format("attempt {} of {}:{} (key {})", attempt->number, e.slot, e.offset,
                         e.lane == delivery::none ? -1 : static_cast<int>(e.key));
    });
    if (send_at_once) send(handed_out_.size() - 1);
  }
}

void model::send(std::size_t which) {
  const auto id = take(handed_out_, which);
  const bool refused = endpoint_ == endpoint_mode::refusing;
  if (refused || !engine_->may_send(id, now_)) {
    tell([&] { return fmt::format("{}:{} is given back unsent", engine_->get(id).slot, engine_->get(id).offset); });
    oracle_.attempt_withdrawn(id);
    engine_->withdraw(id, now_);
    if (refused) connect_fails();
  } else {
    oracle_.attempt_sent(id, held_, engine_->endpoint(now_), engine_->health().period(), now_);
    sent_.push_back(id);
  }
  after_engine_call();
}

void model::connect_fails() {
  oracle_.connect_failed();
  engine_->connect_failed(now_);
}

void model::finish(std::size_t which, std::uint32_t chance) {
  using milliseconds = std::chrono::milliseconds;
  const auto id = take(sent_, which);
  const auto kind = oracle_.kind_of(id);
  const auto healthy = [&] {
    if (kind == record_kind::rejected) return outcome::rejected;
    return chance % 32 == 0 ? outcome::skipped : outcome::delivered;
  };
  const auto draw = chance >> 8U;
  switch (endpoint_) {
  case endpoint_mode::healthy: return end_attempt(id, healthy(), chance % 7 == 0 ? std::optional(5s) : std::nullopt);
  case endpoint_mode::flaky:
    if (draw % 8 == 0) return end_attempt(id, outcome::endpoint_fault, std::nullopt);
    if (draw % 8 < 4) return end_attempt(id, outcome::try_again, std::nullopt);
    return end_attempt(id, healthy(), std::nullopt);
  case endpoint_mode::unauthorised: return end_attempt(id, outcome::endpoint_fault, std::nullopt);
  case endpoint_mode::throttling: {
    const milliseconds asked[] = {0ms, -5ms, 50ms, 1s, 5s, 30min, milliseconds(std::numeric_limits<std::int64_t>::max() / 4)};
    return end_attempt(id, draw % 2 == 0 ? outcome::try_again : outcome::endpoint_fault, asked[(draw / 2) % 7]);
  }
  case endpoint_mode::failing:
  case endpoint_mode::hanging:
  case endpoint_mode::refusing:
  case endpoint_mode::count_: return end_attempt(id, outcome::try_again, std::nullopt);
  }
}

void model::end_attempt(event_id id, outcome result, std::optional<std::chrono::milliseconds> retry_after) {
  tell([&] {
    return fmt::format("{}:{} ends as {}{}", engine_->get(id).slot, engine_->get(id).offset, to_string(result),
                       retry_after ? fmt::format(", retry after {} ms", retry_after->count()) : "");
  });
  const bool was_current = engine_->get(id).health_period == engine_->health().period();
  const auto said = engine_->finished(id, result, retry_after, now_);
  const bool up_now = engine_->health().last_state() == delivery::endpoint_state::up;
  oracle_.attempt_finished(id, result, retry_after, said, was_current, up_now, now_);
  after_engine_call();
}

// --- dead letters

void model::hand_over(unsigned most) {
  for (; most > 0; --most) {
    const auto id = engine_->next_dead_letter();
    if (!id) return;
    tell([&] { return fmt::format("dead letter {}:{} goes", engine_->get(*id).slot, engine_->get(*id).offset); });
    oracle_.dead_letter_handed(*id, engine_->get(*id).cause, held_, now_);
    letters_.push_back(*id);
  }
}

void model::end_dead_letter(std::size_t which, std::uint32_t chance) {
  const auto id = take(letters_, which);
  auto how = oracle::letter::acknowledged;
  if (dead_letters_ == letter_mode::full && chance % 2 == 0) how = oracle::letter::deferred;
  if (dead_letters_ == letter_mode::failing || (dead_letters_ == letter_mode::flaky && chance % 2 == 0))
    how = oracle::letter::failed;
  tell([&] {
    return fmt::format("dead letter {}:{} is {}", engine_->get(id).slot, engine_->get(id).offset,
                       how == oracle::letter::acknowledged ? "written"
                       : how == oracle::letter::failed     ? "not written"
                                                           : "deferred");
  });
  oracle_.dead_letter_ended(id, how);
  switch (how) {
  case oracle::letter::acknowledged: engine_->dead_letter_acknowledged(id, now_); break;
  case oracle::letter::failed: engine_->dead_letter_failed(id, now_); break;
  case oracle::letter::deferred: engine_->dead_letter_deferred(id, now_); break;
  }
  after_engine_call();
}

// --- time

void model::advance(duration by) {
  oracle_.time_passed(by, engine_->health().last_state() == delivery::endpoint_state::up);
  now_ += by;
  engine_->tick(now_);
}

void model::pass_time(std::uint32_t a, std::uint32_t b) {
  switch (a % 16) {
  case 0: return advance(std::chrono::milliseconds(b % 60000));
  case 1:
  case 2:
  case 3: return advance(std::chrono::milliseconds(b % 1000));
  case 4:
  case 5:
  case 6: {
    const auto due = engine_->next_due(now_);
    if (due != delivery::never && due > now_) return advance(due - now_);
    return advance(1ms);
  }
  default: return advance(std::chrono::microseconds(b % 5000));
  }
}

} // namespace tocsin::simulation
