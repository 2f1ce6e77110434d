// Between a client and the mock broker, which then seems to live here. It can forget its brokers, as a broker does that is
// shutting down: the next metadata it gives names the topics and no broker.
#pragma once

#include "support.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/endian/conversion.hpp>

#include <list>
#include <map>

namespace tocsin::kafka {

class forgetful_proxy {
public:
  // In front of a cluster of one broker.
  forgetful_proxy(boost::asio::io_context& io, const std::string& bootstrap)
      : io_(io),
        behind_(boost::asio::ip::make_address(bootstrap.substr(0, bootstrap.find(':'))),
                static_cast<std::uint16_t>(std::stoi(bootstrap.substr(bootstrap.find(':') + 1)))),
        acceptor_(io, {behind_.address(), 0}) {
    boost::asio::co_spawn(io, listen(), [](std::exception_ptr) {});
  }

  [[nodiscard]] std::string bootstrap() const {
    return fmt::format("{}:{}", behind_.address().to_string(), acceptor_.local_endpoint().port());
  }

  // From now on no metadata names a broker; whoever is connected has to come again, and ask.
  void forget() {
    forgetful_ = true;
    for (link& open : links_) open.close();
  }
  void remember() { forgetful_ = false; }
  [[nodiscard]] int times_forgotten() const { return times_forgotten_; } // answers without a broker

  void close() {
    acceptor_.close();
    for (link& open : links_) open.close();
  }

private:
  using tcp = boost::asio::ip::tcp;
  static constexpr std::int16_t metadata_key = 3;

  struct link {
    explicit link(boost::asio::io_context& io) : client(io), broker(io) {}
    void close() {
      boost::system::error_code gone;
      client.close(gone);
      broker.close(gone);
    }
    tcp::socket client, broker;
    std::map<std::uint32_t, std::int16_t> metadata_asked; // versions, by correlation id
  };

  awaitable<void> listen() {
    for (;;) {
      tcp::socket client = co_await acceptor_.async_accept(use_awaitable);
      link& made = links_.emplace_back(io_);
      made.client = std::move(client);
      boost::asio::co_spawn(io_, relay(made), [&made](std::exception_ptr) { made.close(); });
    }
  }

  awaitable<void> relay(link& own) {
    co_await own.broker.async_connect(behind_, use_awaitable);
    boost::asio::co_spawn(io_, pass_answers(own), [&own](std::exception_ptr) { own.close(); });
    for (;;) {
      const std::string request = co_await read_frame(own.client);
      if (number<std::int16_t>(request, 4) == metadata_key)
        own.metadata_asked[number<std::uint32_t>(request, 8)] = number<std::int16_t>(request, 6);
      co_await boost::asio::async_write(own.broker, boost::asio::buffer(request), use_awaitable);
    }
  }

  awaitable<void> pass_answers(link& own) {
    for (;;) {
      std::string answer = co_await read_frame(own.broker);
      const auto asked = own.metadata_asked.find(number<std::uint32_t>(answer, 4));
      if (asked != own.metadata_asked.end()) {
        if (forgetful_) take_brokers_out(answer, asked->second);
        own.metadata_asked.erase(asked);
      }
      pose_as_broker(answer);
      co_await boost::asio::async_write(own.client, boost::asio::buffer(answer), use_awaitable);
    }
  }

  // With its length in front.
  static awaitable<std::string> read_frame(tcp::socket& from) {
    std::string frame(4, '\0');
    co_await boost::asio::async_read(from, boost::asio::buffer(frame), use_awaitable);
    frame.resize(4 + number<std::uint32_t>(frame, 0));
    co_await boost::asio::async_read(from, boost::asio::buffer(frame.data() + 4, frame.size() - 4), use_awaitable);
    co_return frame;
  }

  template <class T>
  static T number(const std::string& bytes, std::size_t at) {
    T wire{};
    std::memcpy(&wire, bytes.data() + at, sizeof wire);
    return boost::endian::big_to_native(wire);
  }
  static std::string wire(std::uint32_t value) {
    boost::endian::native_to_big_inplace(value);
    return {reinterpret_cast<const char*>(&value), sizeof value};
  }

  // Every version that has compact arrays (KIP-482): length, correlation id, tags, throttle time, then the array of brokers: one,
  // of an id, host, port, no rack, no tags.
  void take_brokers_out(std::string& answer, std::int16_t version) {
    ASSERT_GE(version, 9);
    const std::size_t array = 4 + 4 + 1 + 4;
    ASSERT_EQ(answer[array], 2) << "the cluster has more than one broker";
    const std::size_t host_size = static_cast<std::size_t>(answer[array + 5]) - 1;
    answer.replace(array, 1 + 4 + 1 + host_size + 4 + 1 + 1, 1, '\1');
    answer.replace(0, 4, wire(static_cast<std::uint32_t>(answer.size() - 4)));
    ++times_forgotten_;
  }

  void pose_as_broker(std::string& answer) const {
    const std::string host = behind_.address().to_string();
    const std::string from = host + wire(behind_.port());
    const std::string to = host + wire(acceptor_.local_endpoint().port());
    for (auto at = answer.find(from); at != std::string::npos; at = answer.find(from, at + to.size()))
      answer.replace(at, from.size(), to);
  }

  boost::asio::io_context& io_;
  tcp::endpoint behind_;
  tcp::acceptor acceptor_;
  std::list<link> links_;
  bool forgetful_ = false;
  int times_forgotten_ = 0;
};

} // namespace tocsin::kafka
