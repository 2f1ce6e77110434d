#include "endpoint.hpp"

#include "support/process.hpp"

#include <array>
#include <charconv>

namespace tocsin::chaos {

using namespace std::chrono_literals;
using test::http_reply;
using doing = ledger::doing;

std::string_view name_of(mood which) noexcept {
  static constexpr std::array<std::string_view, 9> names = {
      "fine", "5% 503", "slow", "hanging", "401", "429 with Retry-After", "500", "half answers", "refusing connections"};
  return names[static_cast<std::size_t>(which)];
}

endpoint::endpoint(ledger& known)
    : ledger_(known),
      // A port that no outgoing connection is given: while nobody listens, one to itself would take it.
      server_([this](const test::http_request& request) { return answer(request); },
              {.port = support::free_port(), .keep_requests = false}) {}

void endpoint::change(mood next) {
  mood_ = next;
  const bool listen = next != mood::refusing;
  if (listen == listening_) return;
  listening_ = listen;
  if (listen) {
    server_.listen_again();
  } else {
    server_.stop_listening();
    server_.close_connections();
  }
}

http_reply endpoint::answer(const test::http_request& request) {
  int member = everybody;
  const auto told = request.header("X-Member");
  std::from_chars(told.data(), told.data() + told.size(), member);
  const auto tell = [&](doing what) { ledger_.arrives(request.body, request.header("Idempotency-Key"), member, what); };
  const auto take = [&](std::chrono::milliseconds after) {
    const bool rejects = ledger_.is_to_be_rejected(request.body);
    tell(rejects ? doing::rejects : doing::accepts);
    auto reply = http_reply::with(rejects ? 400 : 200);
    reply.delay = after;
    return reply;
  };
  const auto fail = [&](unsigned status) {
    tell(doing::fails);
    return http_reply::with(status);
  };

  switch (mood_.load()) {
  case mood::fine: return take(std::chrono::milliseconds(random_() % 4));
  case mood::flaky: return random_() % 20 == 0 ? fail(503) : take(1ms);
  case mood::slow: return take(std::chrono::milliseconds(100 + random_() % 400));
  case mood::unauthorised: return fail(401);
  case mood::failing: return fail(500);
  case mood::throttling: {
    auto reply = fail(429);
    reply.headers.emplace_back("Retry-After", "1");
    ledger_.asks_to_wait(member, 1s);
    return reply;
  }
  case mood::hanging: {
    auto reply = fail(503);
    reply.delay = 20s; // long after the relay has given up
    return reply;
  }
  case mood::half_answers:
    if (random_() % 2 == 0) return take(1ms);
    if (random_() % 2 == 0) {
      auto reply = take(0ms); // the status arrives, and part of the rest: it was taken
      reply.raw = "HTTP/1.1 " + std::to_string(reply.status) + " Tested\r\nContent-Length: 100\r\n\r\nhalf";
      reply.after = http_reply::then::close;
      return reply;
    }
    tell(doing::fails); // it may or may not have been taken: nobody can know
    return http_reply::bytes("HTTP/1.1 20", http_reply::then::reset);
  case mood::refusing:
  case mood::count_: break;
  }
  return fail(503);
}

} // namespace tocsin::chaos
