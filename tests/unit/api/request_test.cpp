#include "api/request.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

using state = request_reader::state;

constexpr request_limits small{.head = 512, .body = 64};

// The status with which the bytes are refused; 0: they are not.
unsigned refused(std::string_view bytes, request_limits limits = {}) {
  request_reader reader(limits);
  return reader.feed(bytes) == state::refused ? reader.refusal().status : 0;
}

unsigned refused_head(std::string_view headers, std::string_view line = "POST /x HTTP/1.1") {
  return refused(fmt::format("{}\r\n{}\r\n", line, headers));
}

TEST(request_reader, reads_a_request_given_byte_by_byte) {
  request_reader reader({});
  EXPECT_EQ(reader.now(), state::idle);
  const std::string_view bytes = "POST /v1/pause?a=1&b HTTP/1.1\r\nHost: localhost:8081\r\nX-Y: z\r\nContent-Length: 2\r\n\r\n{}";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_NE(reader.now(), state::complete);
    reader.feed(bytes.substr(i, 1));
  }
  ASSERT_EQ(reader.now(), state::complete);
  const request read = reader.take();
  EXPECT_EQ(read.method, verb::post);
  EXPECT_EQ(read.path, "/v1/pause");
  EXPECT_EQ(read.query, "a=1&b");
  EXPECT_EQ(read.body, "{}");
  EXPECT_TRUE(read.keep_alive);
  ASSERT_NE(read.header("x-y"), nullptr);
  EXPECT_EQ(*read.header("x-y"), "z");
  EXPECT_EQ(read.header("x-z"), nullptr);
  EXPECT_EQ(reader.now(), state::idle);
}

TEST(request_reader, reads_requests_that_come_together_one_after_the_other) {
  request_reader reader({});
  reader.feed("GET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyzGET /c HT");
  ASSERT_EQ(reader.now(), state::complete);
  EXPECT_EQ(reader.take().path, "/a");
  ASSERT_EQ(reader.now(), state::complete);
  EXPECT_EQ(reader.take().body, "xyz");
  EXPECT_EQ(reader.now(), state::head);
  reader.feed("TP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(reader.now(), state::complete);
  EXPECT_EQ(reader.take().path, "/c");
  EXPECT_EQ(reader.now(), state::idle);
}

TEST(request_reader, keeps_a_connection_as_the_versions_say) {
  const auto keep_alive = [](std::string_view bytes) {
    request_reader reader({});
    reader.feed(bytes);
    return reader.take().keep_alive;
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(request_reader, decodes_chunks_and_ignores_trailers) {
  request_reader reader({});
  const std::string_view bytes = "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "2;ext=1\r\n{\"\r\n3\r\na\":\r\n2\r\n1}\r\n0\r\nAuthorization: Bearer t\r\nHost: evil\r\n\r\n";
  for (const char byte : bytes) reader.feed({&byte, 1});
  ASSERT_EQ(reader.now(), state::complete);
  const request read = reader.take();
  EXPECT_EQ(read.body, "{\"a\":1}");
  EXPECT_EQ(read.header("authorization"), nullptr);
}

TEST(request_reader, says_once_that_the_client_waits_to_continue) {
  request_reader reader({});
  reader.feed("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(reader.now(), state::body);
  EXPECT_TRUE(reader.wants_continue());
  EXPECT_FALSE(reader.wants_continue());
  reader.feed("{}");
  EXPECT_EQ(reader.now(), state::complete);
  EXPECT_EQ(refused_head("Host: h\r\nExpect: a-miracle\r\n"), 417U);
}

TEST(request_reader, refuses_what_two_readers_may_read_differently) {
  EXPECT_EQ(refused_head("Host: h\r\n"), 0U);
  EXPECT_EQ(refused_head("Host: h\r\nHost: h\r\n"), 400U);
  EXPECT_EQ(refused_head(""), 400U) << "no Host";
  EXPECT_EQ(refused_head("", "GET / HTTP/1.0"), 0U) << "which HTTP/1.0 did not have";
  EXPECT_EQ(refused_head("Host: h\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nContent-Length: 2, 2\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nContent-Length: +2\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nContent-Length: 99999999999999999999999\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nTransfer-Encoding: gzip\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nTransfer-Encoding: xchunked\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nTransfer-Encoding: chunked, gzip\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nTransfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400U);
  EXPECT_EQ(refused_head("Host: h\r\nX: a\r\n b\r\n"), 400U) << "a folded line";
  EXPECT_EQ(refused_head(" Host: h\r\n"), 400U) << "white space before the first header";
  EXPECT_EQ(refused_head("Host : h\r\n"), 400U);
  EXPECT_EQ(refused("GET / HTTP/1.1\nHost: h\n\n"), 400U) << "a lone LF";
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400U) << "a lone CR";
  EXPECT_EQ(refused(std::string_view("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", 28)), 400U) << "a NUL";
}

TEST(request_reader, wants_a_path_as_target) {
  for (const char* target : {"http://localhost/livez", "*", "localhost:80", "livez", "", "/\x7f", "/\xc3\xa4", "/a#b"})
    EXPECT_EQ(refused_head("Host: h\r\n", fmt::format("GET {} HTTP/1.1", target)), 400U) << target;
  for (const char* target : {"/", "/livez?verbose", "//livez", "/%2e%2e/etc/passwd", "/../x;y"})
    EXPECT_EQ(refused_head("Host: h\r\n", fmt::format("GET {} HTTP/1.1", target)), 0U) << target;
}

TEST(request_reader, refuses_other_protocols_at_once) {
  EXPECT_EQ(refused("\x16\x03\x01\x02"), 400U) << "TLS";
  EXPECT_EQ(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505U);
  EXPECT_EQ(refused_head("Host: h\r\n", "GET / HTTP/1.2"), 505U);
  EXPECT_EQ(refused_head("Host: h\r\n", "GET / HTTP/3.0"), 505U);
  EXPECT_EQ(refused_head("Host: h\r\n", "GET /"), 400U);
  request_reader reader({});
  reader.feed("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(reader.now(), state::complete);
  EXPECT_EQ(reader.take().method, verb::unknown);
}

TEST(request_reader, has_limits_for_head_and_body) {
  const auto with_head_of = [](std::size_t size) {
    std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    return head + std::string(size - head.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(refused(with_head_of(small.head), small), 0U);
  EXPECT_EQ(refused(with_head_of(small.head + 1), small), 431U);
  EXPECT_EQ(refused(std::string(small.head + 1, 'x'), small), 431U) << "a request line without an end";
  const auto with_body_of = [](std::size_t size) {
    return fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", size);
  };
  EXPECT_EQ(refused(with_body_of(small.body) + std::string(small.body, 'x'), small), 0U);
  EXPECT_EQ(refused(with_body_of(small.body + 1), small), 413U) << "refused before the body is there";
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(refused(chunked + "41\r\n" + std::string(65, 'x') + "\r\n0\r\n\r\n", small), 413U);
  EXPECT_EQ(refused(chunked + "1;" + std::string(small.head, 'x'), small), 413U) << "a chunk extension without an end";
  std::string tiny = chunked;
  for (int i = 0; i < 60; ++i) tiny += "1;e\r\nx\r\n";
  EXPECT_EQ(refused(tiny, small), 413U) << "more framing than body";
  EXPECT_EQ(refused(chunked + "zz\r\n", small), 400U);
}

TEST(request_reader, reads_nothing_after_a_refusal) {
  request_reader reader({});
  reader.feed("NONSENSE\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(reader.now(), state::refused);
  EXPECT_EQ(reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), state::refused);
}

TEST(request, knows_flags_of_its_query) {
  const auto flag = [](std::string query) { return request{.query = std::move(query)}.flag("verbose"); };
  for (const char* query : {"verbose", "verbose=", "verbose=1", "verbose=true", "a=b&verbose", "verbose&x"})
    EXPECT_TRUE(flag(query)) << query;
  for (const char* query : {"", "verbos", "verbosee", "verbose=0", "verbose=false", "a=verbose"})
    EXPECT_FALSE(flag(query)) << query;
}

} // namespace
} // namespace tocsin::api
