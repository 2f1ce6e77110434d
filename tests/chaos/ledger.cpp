#include "ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tocsin::chaos {

namespace {
constexpr std::uint64_t one_rejected_in = 97;
// What was on the wire when the endpoint asked for a pause arrives after that.
constexpr auto on_the_wire = std::chrono::milliseconds(300);
} // namespace

std::string_view name_of(incident_kind kind) noexcept {
  static constexpr std::array<std::string_view, 4> names = {"kill -9", "SIGSTOP", "broker", "cut"};
  return names[static_cast<std::size_t>(kind)];
}

ledger::ledger(unsigned keys, const limits& known) : limits_(known), keys_(keys) {}

std::uint64_t ledger::allowed(incident_kind kind) const noexcept {
  switch (kind) {
  case incident_kind::kill:
  case incident_kind::freeze: return limits_.uncommitted;
  case incident_kind::broker: return limits_.uncommitted * limits_.members;
  case incident_kind::cut:
  case incident_kind::count_: break;
  }
  return limits_.connections * limits_.members;
}

std::string ledger::next_value(unsigned key) {
  const std::lock_guard lock(mutex_);
  auto& events = keys_[key].events;
  events.emplace_back();
  ++produced_;
  return fmt::format("{} {} {:x<300}", key, events.size() - 1, "");
}

std::uint64_t ledger::produced() const {
  const std::lock_guard lock(mutex_);
  return produced_;
}

void ledger::happens(incident_kind kind, int member, std::chrono::milliseconds felt_for) {
  const std::lock_guard lock(mutex_);
  incidents_.push_back({kind, member, clock::now() + felt_for, 0});
  if (member != everybody) closed_.erase(member);
}

void ledger::starts_anew(int member) {
  const std::lock_guard lock(mutex_);
  closed_.erase(member);
}

std::optional<ledger::place> ledger::find(std::string_view value) const {
  place found;
  const auto* const end = value.data() + value.size();
  const auto [after_key, bad_key] = std::from_chars(value.data(), end, found.key);
  if (bad_key != std::errc() || after_key == end) return std::nullopt;
  const auto [after, bad] = std::from_chars(after_key + 1, end, found.number);
  if (bad != std::errc() || found.key >= keys_.size() || found.number >= keys_[found.key].events.size()) return std::nullopt;
  return found;
}

bool ledger::is_to_be_rejected(std::string_view value) const {
  const std::lock_guard lock(mutex_);
  const auto at = find(value);
  return at && (at->key + at->number) % one_rejected_in == 0;
}

void ledger::note(std::uint64_t faults::* which, std::string words) {
  if (faults_.none()) faults_.first = std::move(words);
  ++(faults_.*which);
}

void ledger::arrives(std::string_view value, std::string_view name, int member, doing what) {
  const std::lock_guard lock(mutex_);
  ++arrivals_;
  const auto at = find(value);
  if (!at) return note(&faults::wrong_name, fmt::format("\"{}\" was never produced", value.substr(0, 40)));
  auto& key = keys_[at->key];
  auto& own = key.events[at->number];
  const auto now = clock::now();
  const auto words = [&](std::string_view what_is) {
    return fmt::format("key {} event {} of member {}: {}", at->key, at->number, member, what_is);
  };
  if (own.name.empty()) {
    own.name = name;
    if (name.empty() || !names_.emplace(name).second) note(&faults::wrong_name, words("has another event's idempotency key"));
  } else if (own.name != name) {
    note(&faults::wrong_name, words("has another idempotency key than before"));
  }
  if (at->number > key.done) note(&faults::out_of_order, words(fmt::format("arrives while event {} is open", key.done)));
  if (const auto closed = closed_.find(member); closed != closed_.end())
    if (now > closed->second.first && now < closed->second.second)
      note(&faults::early, words("arrives before the Retry-After is over"));
  if (what == doing::fails) return;

  if (own.accepted) {
    sent_again(own, value, member);
  } else if (!own.rejected) { // a rejected one may come again until its dead letter is written

    (what == doing::accepts ? own.accepted : own.rejected) = true;
    if (what == doing::rejects) ++rejected_;
    ++done_;
    while (key.done < key.events.size() && (key.events[key.done].accepted || key.events[key.done].rejected)) ++key.done;
  }
  own.member = member;
  own.when = now;
}

// The first thing that happened to whoever had delivered it, or to everybody, is to blame; or, where that has explained all that
// it can, the next: what a process had delivered and not committed when it was killed may have seen other things before.
void ledger::sent_again(const event& before, std::string_view value, int member) {
  ++again_;
  const auto may_be_blamed = [&](const incident& i) {
    return i.when > before.when && (i.member == everybody || i.member == before.member);
  };
  const std::chrono::duration<double> ago = clock::now() - before.when;
  const auto words = fmt::format("\"{}\", delivered {:.2f} s ago by member {}, is sent again by member {}",
                                 value.substr(0, value.find(" x")), ago.count(), before.member, member);
  const auto first = std::find_if(incidents_.begin(), incidents_.end(), may_be_blamed);
  if (first == incidents_.end()) return note(&faults::without_cause, words + " without a cause");
  const auto blamed =
      std::find_if(first, incidents_.end(), [&](const incident& i) { return may_be_blamed(i) && i.again < allowed(i.kind); });
  if (blamed != incidents_.end()) {
    ++blamed->again;
    return;
  }
  ++first->again;
  note(&faults::beyond_bound, fmt::format("{}: more than {} after one {}", words, allowed(first->kind), name_of(first->kind)));
}

void ledger::asks_to_wait(int member, std::chrono::milliseconds how_long) {
  const std::lock_guard lock(mutex_);
  const auto now = clock::now();
  auto& closed = closed_[member];
  if (closed.second < now) closed.first = now + on_the_wire;
  closed.second = std::max(closed.second, now + how_long);
}

void ledger::dead_letter(std::string_view value, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  const auto at = find(value);
  if (!at) return note(&faults::wrong_dead_letter, "a dead letter that was never produced");
  auto& own = keys_[at->key].events[at->number];
  if (own.buried) ++buried_again_;
  if (!own.buried) ++buried_;
  own.buried = true;
  if (!own.rejected || reason != "rejected")
    note(&faults::wrong_dead_letter, fmt::format("key {} event {} is a dead letter: {}", at->key, at->number, reason));
}

std::uint64_t ledger::open() const {
  const std::lock_guard lock(mutex_);
  return produced_ - done_;
}

faults ledger::judge() {
  const std::lock_guard lock(mutex_);
  for (std::size_t k = 0; k < keys_.size(); ++k)
    for (std::size_t n = 0; n < keys_[k].events.size(); ++n) {
      const auto& own = keys_[k].events[n];
      if (!own.accepted && !own.buried) note(&faults::lost, fmt::format("key {} event {} is lost", k, n));
    }
  return faults_;
}

std::string ledger::summary() const {
  const std::lock_guard lock(mutex_);
  auto text = fmt::format("{} events of {} keys, {} requests, {} sent again, {} rejected, {} dead letters ({} twice)\n",
                          produced_, keys_.size(), arrivals_, again_, rejected_, buried_, buried_again_);
  for (int kind = 0; kind < static_cast<int>(incident_kind::count_); ++kind) {
    std::uint64_t count = 0, again = 0, most = 0;
    for (const auto& one : incidents_) {
      if (one.kind != static_cast<incident_kind>(kind)) continue;
      ++count;
      again += one.again;
      most = std::max(most, one.again);
    }
    const auto which = static_cast<incident_kind>(kind);
    text += fmt::format("{:>8}: {} times; sent again after it {} in all, {} at most (allowed: {})\n", name_of(which), count,
                        again, most, allowed(which));
  }
  return text;
}

} // namespace tocsin::chaos
