#include "api/request.hpp"

#include <gmock/gmock.h>

#include <random>

namespace tocsin::api {
namespace {

// Bytes in pieces of any size, to a reader with small limits. Whatever comes, it ends in a state, and keeps what its limits
// allow.
class any_bytes : public testing::TestWithParam<unsigned> {
protected:
  std::mt19937 random{GetParam()};

  std::size_t up_to(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); }

  void feed_in_pieces(request_reader& reader, std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), 1 + up_to(40));
      reader.feed(bytes.substr(0, size));
      bytes.remove_prefix(size);
      while (reader.now() == request_reader::state::complete) {
        const request read = reader.take();
        EXPECT_TRUE(read.path.starts_with('/'));
        EXPECT_LE(read.body.size(), 256U);
        ++requests;
      }
    }
  }

  int requests = 0;
};

TEST_P(any_bytes, of_any_kind_never_break_the_reader) {
  for (int round = 0; round < 2'000; ++round) {
    request_reader reader({.head = 256, .body = 256});
    std::string bytes(up_to(600), '\0');
    for (char& byte : bytes) byte = static_cast<char>(up_to(255));
    feed_in_pieces(reader, bytes);
  }
}

TEST_P(any_bytes, that_nearly_are_requests_never_break_the_reader) {
  constexpr std::string_view pieces[]{"GET ",
                                      "POST ",
                                      "HEAD ",
                                      "BREW ",
                                      "/",
                                      "/livez",
                                      "*",
                                      "http://x/",
                                      " HTTP/1.1\r\n",
                                      " HTTP/1.0\r\n",
                                      " HTTP/2.0\r\n",
                                      "Host: h\r\n",
                                      "Content-Length: 5\r\n",
                                      "Content-Length: -1\r\n",
                                      "Transfer-Encoding: chunked\r\n",
                                      "Expect: 100-continue\r\n",
                                      "\r\n",
                                      "\r\n\r\n",
                                      "5\r\nhello\r\n",
                                      "0\r\n\r\n",
                                      "0\r\nX: y\r\n\r\n",
                                      "ffffffffffffffff\r\n",
                                      ";e=\"\r\n",
                                      "\n",
                                      "\r",
                                      " ",
                                      "\t",
                                      "hello",
                                      ":",
                                      "Connection: close\r\n"};
  for (int round = 0; round < 4'000; ++round) {
    request_reader reader({.head = 256, .body = 256});
    std::string bytes = up_to(1) ? "POST / HTTP/1.1\r\nHost: h\r\n" : "";
    for (std::size_t count = up_to(20); count > 0; --count) bytes += pieces[up_to(std::size(pieces) - 1)];
    if (!bytes.empty() && up_to(3) == 0) bytes[up_to(bytes.size() - 1)] = static_cast<char>(up_to(255));
    feed_in_pieces(reader, bytes);
  }
  EXPECT_GT(requests, 100) << "the pieces no longer make requests";
}

INSTANTIATE_TEST_SUITE_P(seeds, any_bytes, testing::Range(0U, 4U));

} // namespace
} // namespace tocsin::api
