// Beast's incremental response parser, filling an `answer` without allocating on the way of success. Internal to push: it brings
// in Beast.
#pragma once

#include "push/response_policy.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>

namespace tocsin::push {

inline constexpr std::uint32_t header_limit = 16 * 1024;
inline constexpr std::size_t body_limit = 64 * 1024;

struct keep {
  bool headers = false;
  bool body = false;
};

// For one message, interim ones (1xx) included. put() fails with error::header_limit or error::body_limit where a limit is passed
// and with error::bad_status for a status outside 100..599.
class answer_parser final : public boost::beast::http::basic_parser<false> {
public:
  answer_parser(answer& into, keep what) : into_(into), keep_(what) {
    into_.clear();
    header_limit(push::header_limit);
    body_limit(boost::none); // counted here: a long answer is cut, not refused
    eager(true);
  }

private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view reason, int version, error_code&) override;
  void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  answer& into_;
  keep keep_;
  std::size_t received_ = 0; // bytes of body
};

} // namespace tocsin::push
