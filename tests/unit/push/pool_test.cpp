// Connections: when they are opened, kept, replaced and closed.
#include "harness.hpp"

#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

namespace tocsin::push {
namespace {

using delivery::outcome;
using delivery::retry_reason;
using test::http_reply;
using test::http_request;
using test::http_server;
using then = http_reply::then;

// An address that answers no SYN, as behind a dead router: a listener whose queue is full.
class silent_address {
public:
  explicit silent_address(boost::asio::io_context& io) : listener_(io, {boost::asio::ip::make_address("127.0.0.1"), 0}) {
    listener_.listen(0);
    const auto to = endpoint();
    for (int i = 0; i < 4; ++i) {
      auto& socket = filling_.emplace_back(io, boost::asio::ip::tcp::v4());
      socket.native_non_blocking(true);
      (void)::connect(socket.native_handle(), to.data(), static_cast<socklen_t>(to.size()));
    }
  }
  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const { return listener_.local_endpoint(); }

private:
  boost::asio::ip::tcp::acceptor listener_;
  std::vector<boost::asio::ip::tcp::socket> filling_;
};

class pool : public pusher_test {
protected:
  pool() { settings.url = server.url(); }

  void hold_every_answer() {
    server.set_handler([](const http_request&) {
      http_reply reply;
      reply.hold = true;
      return reply;
    });
  }

  http_server server;
};

TEST_F(pool, opens_as_many_connections_as_there_is_work_for_and_no_more_than_allowed) {
  hold_every_answer();
  for (int i = 0; i < 10; ++i) send();
  run_until([&] { return server.count() == 4; });
  EXPECT_EQ(pusher().active_connections(), 4U);
  EXPECT_EQ(pusher().attempts_in_flight(), 4U);
  server.release();
  run_until_ended(10);
  EXPECT_EQ(server.connections(), 4U);
  EXPECT_EQ(probe.opened, 4);
  run_until([&] { return pusher().idle_connections() == 4; });
  EXPECT_EQ(pusher().active_connections(), 0U);
}

TEST_F(pool, opens_no_more_than_are_wanted) {
  hold_every_answer();
  source.wanted = 1;
  for (int i = 0; i < 3; ++i) send();
  run_until([&] { return server.count() == 1; });
  EXPECT_EQ(pusher().active_connections(), 1U);
  server.release();
  run_until_ended(3);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(pool, does_nothing_while_none_is_wanted) {
  source.wanted = 0;
  send();
  io.restart();
  io.poll();
  EXPECT_EQ(pusher().active_connections(), 0U);
  source.wanted = 1;
  pusher().wake();
  run_until_ended(1);
}

TEST_F(pool, one_wake_is_enough_for_everything_that_waits) {
  for (int i = 0; i < 4; ++i) send();
  run_until_ended(4);
  run_until([&] { return pusher().active_connections() == 0; });
  const auto before = server.count();
  hold_every_answer();
  for (int i = 0; i < 4; ++i) source.add("{}");
  pusher().wake();
  run_until([&] { return server.count() == before + 4; });
  server.release();
  run_until_ended(8);
}

TEST_F(pool, wakes_all_idle_connections_that_are_wanted_at_once) {
  hold_every_answer();
  for (int i = 0; i < 4; ++i) send();
  run_until([&] { return server.count() == 4; });
  server.release();
  run_until_ended(4);
  run_until([&] { return pusher().idle_connections() == 4; });
  for (int i = 0; i < 3; ++i) source.add("{}");
  pusher().wake();
  EXPECT_EQ(pusher().active_connections(), 3U);
  pusher().wake(); // those are on their way
  EXPECT_EQ(pusher().active_connections(), 3U);
  run_until_ended(7);
  EXPECT_EQ(server.connections(), 4U);
}

TEST_F(pool, an_idle_connection_works_while_another_one_is_being_opened) {
  struct slow_after_the_first final : name_lookup {
    explicit slow_after_the_first(boost::asio::ip::tcp::endpoint to) : found{std::move(to)} {}
    void lookup(const std::string&, std::uint16_t, callback done) override {
      if (asked++ == 0) return done({}, found);
      waiting.push_back(std::move(done));
    }
    endpoints found;
    int asked = 0;
    std::vector<callback> waiting;
  };
  settings.url = "http://endpoint.test:" + std::to_string(server.port()) + "/";
  settings.connect_timeout = std::chrono::minutes(5);
  auto made = std::make_unique<slow_after_the_first>(
      boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), server.port()));
  const auto* const names = made.get();
  use(std::move(made));
  hold_every_answer();
  send();
  run_until([&] { return server.count() == 1; });
  send();
  run_until([&] { return names->asked == 2; });
  server.release();
  run_until_ended(2);
  run_until([&] { return pusher().idle_connections() == 1; });
  send();
  run_until_ended(3);
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(names->waiting.size(), 1U) << "it is still being opened";
}

TEST_F(pool, uses_the_connection_again_that_was_used_last) {
  hold_every_answer();
  for (int i = 0; i < 4; ++i) send();
  run_until([&] { return server.count() == 4; });
  server.release();
  run_until_ended(4);
  server.set_handler(nullptr);
  std::set<std::uint64_t> used;
  for (int i = 0; i < 8; ++i) {
    run_until([&] { return pusher().active_connections() == 0; });
    EXPECT_EQ(result_of().outcome, outcome::delivered);
    used.insert(server.requests().back().connection);
  }
  EXPECT_EQ(used.size(), 1U);
}

TEST_F(pool, replaces_an_idle_connection_that_the_endpoint_has_closed) {
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  run_until([&] { return pusher().idle_connections() == 1; });
  server.close_connections();
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server.count(), 2U);
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(source.results.size(), 2U);
  EXPECT_THAT(probe.errors, testing::IsEmpty());
}

TEST_F(pool, takes_no_bytes_for_an_answer_that_came_before_the_request) {
  namespace asio = boost::asio;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  settings.url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
  std::vector<asio::ip::tcp::socket> peers;
  std::array<char, 4096> request{};
  const auto serve_one = [&] {
    acceptor.async_accept([&](const boost::system::error_code& error, asio::ip::tcp::socket peer) {
      ASSERT_FALSE(error);
      peers.push_back(std::move(peer));
      peers.back().async_read_some(asio::buffer(request), [&](const boost::system::error_code&, std::size_t) {
        asio::write(peers.back(), asio::buffer(std::string_view("HTTP/1.1 204 No Content\r\n\r\n")));
      });
    });
  };
  serve_one();
  EXPECT_EQ(result_of().status, 204U);
  run_until([&] { return pusher().idle_connections() == 1; });
  asio::write(peers[0], asio::buffer(std::string_view("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")));
  serve_one();
  EXPECT_EQ(result_of().status, 204U) << "the unasked answer belongs to no event";
  EXPECT_EQ(peers.size(), 2U);
}

TEST_F(pool, closes_idle_connections_that_the_endpoint_has_closed_without_any_work) {
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  run_until([&] { return pusher().idle_connections() == 1; });
  server.close_connections();
  run_until([&] { return pusher().idle_connections() + pusher().active_connections() == 0; });
}

TEST_F(pool, sends_again_at_once_on_a_fresh_connection_when_the_old_one_was_stale) {
  server.set_handler([](const http_request& r) {
    return r.connection == 1 && r.on_connection == 2 ? http_reply::bytes("", then::reset) : http_reply{};
  });
  send("1");
  send("2");
  source.wanted = 1;
  run_until_ended(2);
  EXPECT_EQ(source.results[1].result.outcome, outcome::delivered) << "no attempt has failed";
  EXPECT_EQ(source.asked_again, 1U);
  ASSERT_EQ(server.count(), 3U);
  EXPECT_EQ(server.requests()[2].body, "2");
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_THAT(probe.errors, testing::IsEmpty());
}

TEST_F(pool, sends_again_only_once) {
  source.wanted = 1;
  server.set_handler([](const http_request& r) { return r.number > 1 ? http_reply::bytes("", then::close) : http_reply{}; });
  send("1");
  send("2");
  run_until_ended(2);
  EXPECT_EQ(source.results[1].result.outcome, outcome::try_again);
  EXPECT_EQ(source.results[1].result.reason, retry_reason::reset);
  EXPECT_EQ(server.count(), 3U);
}

TEST_F(pool, does_not_send_again_once_a_byte_of_an_answer_has_come) {
  source.wanted = 1;
  server.set_handler([](const http_request& r) { return r.number > 1 ? http_reply::bytes("H", then::close) : http_reply{}; });
  send("1");
  send("2");
  run_until_ended(2);
  EXPECT_EQ(source.results[1].result.outcome, outcome::try_again);
  EXPECT_EQ(server.count(), 2U);
}

TEST_F(pool, gives_the_event_back_when_it_may_not_be_sent_again) {
  source.wanted = 1;
  source.sending_allowed = false;
  server.set_handler([](const http_request& r) { return r.number == 2 ? http_reply::bytes("", then::close) : http_reply{}; });
  send("1");
  send("2");
  send("3");
  run_until_ended(2);
  EXPECT_THAT(source.withdrawn, testing::ElementsAre(2));
  EXPECT_EQ(source.results[1].id, 3U);
  EXPECT_EQ(server.count(), 3U);
}

TEST_F(pool, a_stale_connection_and_no_fresh_one_is_the_endpoints_fault) {
  source.wanted = 1;
  server.set_handler([](const http_request& r) {
    if (r.number == 1) return http_reply{};
    http_reply held = http_reply::bytes("", then::close);
    held.hold = true;
    return held;
  });
  send("1");
  send("2");
  run_until([&] { return server.count() == 2; });
  server.stop_listening();
  server.release();
  run_until_ended(2);
  EXPECT_EQ(source.results[1].result.outcome, outcome::endpoint_fault);
  EXPECT_EQ(source.results[1].result.reason, retry_reason::connect);
  EXPECT_THAT(source.results[1].result.detail, testing::HasSubstr("refused"));
  EXPECT_EQ(probe.errors, std::vector{retry_reason::connect});
}

TEST_F(pool, does_not_connect_again_while_none_is_wanted) {
  server.set_handler([](const http_request&) {
    auto reply = http_reply::with(503);
    reply.headers = {{"Connection", "close"}};
    return reply;
  });
  source.add("{}");
  source.add("{}");
  source.wanted = 1;
  pusher().wake();
  source.keep_waiting_ones_back = false;
  run_until([&] {
    if (!source.results.empty()) source.wanted = 0;
    return source.results.size() == 1;
  });
  source.wanted = 0;
  run_until([&] { return pusher().active_connections() == 0; });
  EXPECT_LE(server.connections(), 2U);
}

TEST_F(pool, says_when_no_connection_can_be_opened_and_goes_on_when_it_can) {
  server.stop_listening();
  send();
  run_until([&] { return source.refused.size() == 2; });
  EXPECT_EQ(source.refused[0].reason, retry_reason::connect);
  EXPECT_THAT(source.refused[0].detail, testing::HasSubstr("127.0.0.1"));
  EXPECT_THAT(source.results, testing::IsEmpty()) << "no attempt has begun";
  server.listen_again();
  run_until_ended(1);
  EXPECT_EQ(source.results[0].result.outcome, outcome::delivered);
}

TEST_F(pool, does_not_spin_while_the_endpoint_refuses) {
  server.stop_listening();
  const auto begin = std::chrono::steady_clock::now();
  send();
  run_until([&] { return source.refused.size() == 4; });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100)) << "one attempt to connect in each sweep";
}

TEST_F(pool, stops_taking_work_and_lets_what_is_in_flight_end) {
  hold_every_answer();
  for (int i = 0; i < 6; ++i) send();
  run_until([&] { return server.count() == 4; });
  pusher().stop();
  pusher().stop();
  bool drained = false;
  runtime::task_group tasks(io.get_executor());
  const auto wait = [](push::pusher& p, bool& done) -> boost::asio::awaitable<void> {
    co_await p.drained();
    done = true;
  };
  tasks.spawn(wait(pusher(), drained));
  io.restart();
  io.poll();
  EXPECT_FALSE(drained);
  server.release();
  run_until([&] { return drained; });
  EXPECT_EQ(source.results.size(), 4U);
  EXPECT_EQ(source.waiting.size(), 2U);
  EXPECT_EQ(pusher().attempts_in_flight(), 0U);
}

TEST_F(pool, close_abandons_what_is_in_flight) {
  hold_every_answer();
  for (int i = 0; i < 6; ++i) send();
  run_until([&] { return server.count() == 4; });
  pusher().close();
  pusher().close();
  runtime::task_group tasks(io.get_executor());
  tasks.spawn(pusher().drained());
  run_until([&] { return tasks.size() == 0; });
  EXPECT_THAT(source.results, testing::IsEmpty());
  EXPECT_EQ(pusher().active_connections(), 0U);
  server.release();
  EXPECT_TRUE(server.wait_for_open(0));
}

TEST_F(pool, closes_before_it_was_started) {
  push::pusher unused(io.get_executor(), settings, source, probe);
  unused.wake();
  unused.close();
  unused.start();
  io.poll();
  EXPECT_EQ(unused.active_connections(), 0U);
}

TEST_F(pool, leaves_while_it_still_connects) {
  settings.url = "http://endpoint.test:9/";
  struct silent final : name_lookup {
    void lookup(const std::string&, std::uint16_t, callback) override {}
  };
  use(std::make_unique<silent>());
  send();
  io.restart();
  io.poll();
  EXPECT_EQ(pusher().active_connections(), 1U);
}

TEST_F(pool, tries_the_next_address_when_one_is_dead) {
  using boost::asio::ip::make_address;
  settings.url = "http://endpoint.test:" + std::to_string(server.port()) + "/";
  use(std::make_unique<fixed_lookup>(
      endpoints{{make_address("127.0.0.2"), 9}, {make_address("::1"), 9}, {make_address("127.0.0.1"), server.port()}}));
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_EQ(server.requests()[0].header("host"), "endpoint.test:" + std::to_string(server.port()));
  EXPECT_THAT(source.refused, testing::IsEmpty());
}

TEST_F(pool, tries_the_next_address_when_one_hangs) {
  using boost::asio::ip::make_address;
  const silent_address silent(io);
  settings.url = "http://endpoint.test/";
  use(std::make_unique<fixed_lookup>(endpoints{silent.endpoint(), {make_address("127.0.0.1"), server.port()}}));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(result_of().outcome, outcome::delivered);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(250));
}

TEST_F(pool, gives_up_connecting_when_the_time_is_up) {
  const silent_address silent(io);
  settings.connect_timeout = std::chrono::milliseconds(50);
  settings.url = "http://127.0.0.1:" + std::to_string(silent.endpoint().port()) + "/";
  send();
  run_until([&] { return !source.refused.empty(); });
  EXPECT_EQ(source.refused[0].reason, retry_reason::connect);
  EXPECT_THAT(source.refused[0].detail, testing::HasSubstr("timed out"));
}

TEST_F(pool, says_when_a_name_is_not_known) {
  settings.url = "http://endpoint.test/";
  use(std::make_unique<fixed_lookup>(endpoints{}, boost::asio::error::host_not_found));
  send();
  run_until([&] { return !source.refused.empty(); });
  EXPECT_EQ(source.refused[0].reason, retry_reason::dns);
  EXPECT_THAT(source.refused[0].detail, testing::HasSubstr("endpoint.test"));
  EXPECT_EQ(probe.errors, std::vector{retry_reason::dns});
}

TEST_F(pool, gives_up_a_name_lookup_when_the_time_is_up) {
  settings.connect_timeout = std::chrono::milliseconds(30);
  settings.url = "http://endpoint.test/";
  struct silent final : name_lookup {
    void lookup(const std::string&, std::uint16_t, callback) override {}
  };
  use(std::make_unique<silent>());
  send();
  run_until([&] { return !source.refused.empty(); });
  EXPECT_EQ(source.refused[0].reason, retry_reason::dns);
}

TEST_F(pool, asks_the_system_for_a_name) {
  settings.url = "http://localhost:" + std::to_string(server.port()) + "/";
  EXPECT_EQ(result_of().outcome, outcome::delivered);
}

TEST_F(pool, many_events_over_few_connections_arrive_once_each) {
  for (int i = 0; i < 5000; ++i) source.add(std::to_string(i));
  pusher().wake();
  run_until_ended(5000);
  std::set<std::string> bodies;
  for (const auto& request : server.requests()) bodies.insert(request.body);
  EXPECT_EQ(bodies.size(), 5000U);
  EXPECT_EQ(server.count(), 5000U);
  EXPECT_EQ(server.connections(), 4U);
}

} // namespace
} // namespace tocsin::push
