// A blocking HTTP client for tests that says exactly the bytes it is given. Nothing waits longer than 20 s: a server that does
// not answer makes the test fail, not hang.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tocsin::test {

struct answer {
  unsigned status = 0;                        // 0: the connection ended without one
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const { // empty: none
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

class client {
public:
  explicit client(std::uint16_t port); // to 127.0.0.1
  ~client();
  client(client&&) noexcept;
  client(const client&) = delete;

  void send(std::string_view bytes); // what the server does not take any more is dropped
  void half_close();
  [[nodiscard]] answer read(bool has_body = true); // one answer; its body is Content-Length long
  [[nodiscard]] std::string read_to_end();         // everything until the server closes
  answer ask(std::string_view bytes, bool has_body = true) {
    send(bytes);
    return read(has_body);
  }

private:
  bool fill(); // false: nothing more comes

  int socket_;
  std::string input_;
};

// GET of a path with a Host and whatever headers, each ending in CR LF.
[[nodiscard]] std::string get(std::string_view path, std::string_view headers = {});

} // namespace tocsin::test
