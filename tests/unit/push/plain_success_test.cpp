#include "push/answer_parser.hpp"
#include "push/plain_success.hpp"

#include <boost/asio/buffer.hpp>
#include <gtest/gtest.h>

#include <random>

namespace tocsin::push {
namespace {

const std::string ordinary =
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 23 Nov 2026 03:00:00 GMT\r\nContent-Type: text/plain\r\n"
    "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok";

std::string with(std::string line) {
  auto text = ordinary;
  return text.insert(text.find("Date"), line.append("\r\n"));
}

std::string replaced(const std::string& what, const std::string& by) {
  auto text = ordinary;
  return text.replace(text.find(what), what.size(), by);
}

// The parser's opinion: exactly one complete answer after which the connection stays open.
std::optional<answer> parsed(const std::string& bytes) {
  answer into;
  answer_parser parser(into, {.body = true});
  boost::system::error_code error;
  const auto consumed = parser.put(boost::asio::buffer(bytes), error);
  if (error || !parser.is_done() || consumed != bytes.size() || !parser.keep_alive()) return std::nullopt;
  return into;
}

TEST(plain_success, knows_an_ordinary_answer) {
  EXPECT_EQ(plain_success(ordinary), (plain_answer{200, "ok"}));
  EXPECT_EQ(plain_success("HTTP/1.1 204 \r\n\r\n"), (plain_answer{204, ""}));
  EXPECT_EQ(plain_success("HTTP/1.1 202 Accepted\r\ncontent-length:0\r\n\r\n"), (plain_answer{202, ""}));
  EXPECT_EQ(plain_success("HTTP/1.1 299 X\r\nCONTENT-LENGTH: 1\r\nConnection: Keep-Alive\r\n\r\n\n"), (plain_answer{299, "\n"}));
}

TEST(plain_success, leaves_everything_else_to_the_parser) {
  for (const auto& text : {std::string(),
                           std::string("HTTP/1.1 200 OK\r\n\r\n"),
                           replaced("HTTP/1.1", "HTTP/1.0"),
                           replaced("200 OK", "300 No"),
                           replaced("200 OK", "20 OK"),
                           replaced("200 OK", "200"),
                           replaced("keep-alive", "close"),
                           replaced("keep-alive", "keep-alive, upgrade"),
                           ordinary + "x",
                           ordinary.substr(0, ordinary.size() - 1),
                           with("Transfer-Encoding: chunked"),
                           with("Content-Length: 2"),
                           with("Content-Length: 3"),
                           with("Upgrade: h2c"),
                           with("Proxy-Connection: close"),
                           with("no colon"),
                           with(": no name"),
                           with("Bad Name: x"),
                           with(" folded: x"),
                           with("X: a\rb"),
                           with(std::string("X: a\0b", 6)),
                           with("X: a\tb"),
                           with("X: " + std::string(1000, 'x')),
                           replaced("Length: 2", "Length: +2"),
                           replaced("Length: 2", "Length: 2 "),
                           replaced("Length: 2", "Length: "),
                           replaced("Length: 2", "Length: 2, 2"),
                           replaced("\r\nDate", "\nDate"),
                           std::string("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok")}) {
    EXPECT_EQ(plain_success(text), std::nullopt) << text;
  }
}

TEST(plain_success, never_takes_what_the_parser_would_not) {
  constexpr unsigned seed = 20261123;
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::string alphabet = "\r\n\t :,;0123456789abcdefHTTPclosekeep-alive\x7f" + std::string(1, '\0');
  const std::vector<std::string> lines{
      "Server: x",          "Content-Length: 2", "content-length:0",           "Connection: keep-alive",
      "Connection: close",  "Upgrade: x",        "Transfer-Encoding: chunked", "X-Long: " + std::string(100, 'y'),
      "Keep-Alive: max=10", "Connection:",       "Content-Length: 02",         "Trailer: x"};
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "HTTP/1.1 2" + std::to_string(below(10)) + std::to_string(below(10)) + " OK\r\n";
    for (auto n = below(4); n > 0; --n) text += lines[below(lines.size())] + "\r\n";
    if (below(2) == 0) text += "Content-Length: 2\r\n";
    text += "\r\n" + std::string(below(4), 'x');
    for (auto n = below(3); n > 0; --n) {
      const auto at = below(text.size());
      switch (below(3)) {
      case 0: text[at] = alphabet[below(alphabet.size())]; break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, 1, alphabet[below(alphabet.size())]);
      }
    }
    const auto plain = plain_success(text);
    if (!plain) continue;
    ++taken;
    const auto whole = parsed(text);
    ASSERT_TRUE(whole) << "seed " << seed << ", answer " << i << ":\n" << text;
    ASSERT_EQ(*plain, (plain_answer{whole->status, whole->body})) << "seed " << seed << ", answer " << i << ":\n" << text;
  }
  EXPECT_GT(taken, 5'000) << "the test must see both sides";
}

} // namespace
} // namespace tocsin::push
