#include "push/core.hpp"

#include "push/connection.hpp"
#include "push/request_template.hpp"
#include "runtime/assertion.hpp"

#include <algorithm>
#include <charconv>

namespace tocsin::push {
namespace {

using namespace std::chrono_literals;

constexpr auto sweep_interval = 50ms; // how late a deadline may be noticed
constexpr auto idle_look_interval = 1s;
constexpr auto longest_idle = 60s;
constexpr auto lifetime = 5min;

} // namespace

checked<plan> plan::make(const config::endpoint_settings& settings) {
  auto to = parse_url(settings.url);
  if (!to) return to.error();
  auto head = make_request_head(settings, *to);
  if (!head) return head.error();
  auto policy = response_policy::compile(settings.responses);
  if (!policy) return policy.error();
  plan made{std::move(*to), std::move(*head),  push::credentials(settings.auth), push::signature(settings.signing_secret),
            nullptr,        std::move(*policy)};
  if (made.url.scheme == scheme::https) {
    auto tls = tls_context::make(settings.tls);
    if (!tls) return tls.error();
    made.tls = std::make_unique<tls_context>(std::move(*tls));
  }
  const auto now = secret::clock::now();
  if (auto read = made.credentials.refresh(now); !read) return read.error();
  if (auto read = made.signature.refresh(now); !read) return read.error();
  return made;
}

core::core(runtime::executor ex, const config::endpoint_settings& endpoint, push::plan made, work_source& from, push::probe& tell,
           std::unique_ptr<name_lookup> lookup)
    : executor(ex),
      settings(endpoint),
      plan(std::move(made)),
      source(from),
      probe(tell),
      names(std::move(lookup)),
      tasks(ex),
      drained(ex),
      sweeper_(ex, [this] { sweep(); }),
      random_(std::random_device{}()) {
  rebuild_head();
}

core::~core() = default;

void core::wake() {
  if (!taking()) return;
  const auto wanted = std::min<std::size_t>(source.connections_wanted(), settings.connections);
  while (at_work() - dialling_ < wanted && !idle_.empty()) {
    auto* const last = idle_.back();
    idle_.pop_back();
    last->wake(connection::reason::work);
  }
  if (at_work() >= wanted || opening_ || held_back_) return;
  opening_ = true;
  connections_.push_back(std::make_unique<connection>(*this));
  tasks.spawn(connections_.back()->run());
  if (!sweeper_.armed()) sweeper_.expires_at(clock::now() + sweep_interval);
}

void core::close() {
  if (state_ == life::closed) return;
  state_ = life::closed;
  sweeper_.cancel();
  for (auto* const parked : std::exchange(idle_, {})) parked->wake(connection::reason::retire);
  for (const auto& c : connections_) c->abort();
}

bool core::surplus() { return at_work() > std::min<std::size_t>(source.connections_wanted(), settings.connections); }

void core::park(connection& c) { idle_.push_back(&c); }

void core::leave(connection& c) {
  std::erase_if(connections_, [&](const auto& each) { return each.get() == &c; });
}

void core::attempt_ends() {
  TOCSIN_ASSERT(attempts_ > 0);
  if (--attempts_ == 0 && drained.waiting() > 0) drained.notify_all();
}

void core::hold_back() {
  held_back_ = true;
  if (!closed() && !sweeper_.armed()) sweeper_.expires_at(clock::now() + sweep_interval);
}

void core::sweep() {
  const auto now = clock::now();
  for (const auto& c : connections_) c->enforce_deadline(now);
  if (now >= look_at_idle_) {
    look_at_idle_ = now + idle_look_interval;
    std::erase_if(idle_, [&](connection* c) {
      const bool over = !c->usable(now) || c->idle_since() + longest_idle <= now;
      if (over) c->wake(connection::reason::retire);
      return over;
    });
    refresh_secrets(now);
  }
  held_back_ = false;
  if (!connections_.empty()) sweeper_.expires_at(now + sweep_interval);
  wake();
}

core::clock::time_point core::retirement(clock::time_point opened) {
  return opened + std::chrono::duration_cast<clock::duration>(lifetime * std::uniform_real_distribution<>(0.8, 1.2)(random_));
}

void core::refresh_secrets(clock::time_point now) {
  if (const auto read = plan.credentials.refresh(now); !read) {
    report(read.error().text);
  } else if (*read == secret::change::changed) {
    rebuild_head();
  }
  if (const auto read = plan.signature.refresh(now); !read) report(read.error().text);
  if (plan.tls) {
    if (const auto read = plan.tls->refresh(now); !read) report(read.error().text);
  }
}

// Every problem once, until another one comes.
void core::report(const std::string& problem) {
  if (problem == last_problem_) return;
  last_problem_ = problem;
  probe.problem(problem);
}

void core::rebuild_head() {
  head_ = plan.head + plan.credentials.line();
  fixed_ = head_.size();
}

std::string_view core::compose(const outgoing& event) {
  head_.resize(fixed_);
  head_ += event.headers;
  if (plan.signature.enabled()) {
    auto id = find_header(event.headers, "Idempotency-Key");
    if (id.size() >= 2 && id.front() == '"' && id.back() == '"') id = id.substr(1, id.size() - 2);
    plan.signature.append(head_, id, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), event.body);
  }
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), event.body.size()).ptr;
  head_ += "Content-Length: ";
  head_.append(digits.data(), end);
  head_ += "\r\n\r\n";
  return head_;
}

} // namespace tocsin::push
