#include "client.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace tocsin::test {

client::client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error(fmt::format("connect to {}: {}", port, std::strerror(errno)));
}

client::client(client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}

client::~client() {
  if (socket_ >= 0) ::close(socket_);
}

void client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void client::half_close() { ::shutdown(socket_, SHUT_WR); }

bool client::fill() {
  char bytes[16384];
  const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("the server did not answer in 20 s");
  if (size <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

answer client::read(bool has_body) {
  answer result;
  std::size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return result;
  std::string_view head = std::string_view(input_).substr(0, end + 2);
  result.status = static_cast<unsigned>(std::stoul(std::string(head.substr(9, 3))));
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::size_t line_end = head.find("\r\n"), colon = head.find(": ");
    std::string name(head.substr(0, colon));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (!result.headers.try_emplace(name, head.substr(colon + 2, line_end - colon - 2)).second)
      throw std::runtime_error("a header twice: " + name);
    head.remove_prefix(line_end + 2);
  }
  const std::size_t size = has_body && result.headers.count("content-length") ? std::stoul(result.headers["content-length"]) : 0;
  while (input_.size() < end + 4 + size)
    if (!fill()) throw std::runtime_error("the answer is shorter than its Content-Length");
  result.body = input_.substr(end + 4, size);
  input_.erase(0, end + 4 + size);
  return result;
}

std::string client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

std::string get(std::string_view path, std::string_view headers) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, headers);
}

} // namespace tocsin::test
