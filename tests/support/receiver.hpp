// The endpoint of an integration test: an HTTP server on 127.0.0.1 with a thread of its own that keeps what arrives, in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tocsin::support {

struct arrival {
  std::string id; // what stands in the quotes of Idempotency-Key: <topic>-<partition>-<offset>
  std::string body;
  unsigned status = 0; // what it was answered with
};

struct answer {
  unsigned status = 200;
  std::string body = R"({"code":0})";
  std::chrono::microseconds after{0}; // how long the endpoint takes
  std::string retry_after;            // the header's value; empty: none
};

class receiver {
public:
  // Says what is answered; called on the receiver's thread, in the order of arrival.
  using script = std::function<answer(const arrival&)>;

  // Port 0: any free one. Throws where the port is taken.
  explicit receiver(script answers = nullptr, std::uint16_t port = 0);
  ~receiver();
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;

  // Away: closes every connection and the port. What has arrived is kept.
  void close();

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::vector<arrival> arrivals() const;

  // True once so many have arrived.
  [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds limit) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace tocsin::support
