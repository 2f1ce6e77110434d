#include "push/answer_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace tocsin::push {

namespace http = boost::beast::http;

void answer_parser::on_response_impl(int code, string_view, int, error_code& error) {
  if (code < 100 || code > 599) { // Beast takes any three digits
    error = http::error::bad_status;
    return;
  }
  into_.status = static_cast<unsigned>(code);
}

void answer_parser::on_field_impl(http::field field, string_view name, string_view value, error_code&) {
  if (field == http::field::retry_after || field == http::field::date) {
    if (into_.status >= 300) (field == http::field::date ? into_.date : into_.retry_after).assign(value.data(), value.size());
  }
  if (!keep_.headers) return;
  std::string lower(name.size(), '\0');
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  into_.headers.emplace_back(std::move(lower), std::string(value.data(), value.size()));
}

std::size_t answer_parser::on_body_impl(string_view body, error_code& error) {
  const auto room = push::body_limit - received_;
  const auto taken = std::min(body.size(), room);
  if (keep_.body) into_.body.append(body.data(), taken);
  received_ += taken;
  if (taken < body.size()) error = http::error::body_limit;
  return taken;
}

std::size_t answer_parser::on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) {
  return on_body_impl(body, error);
}

} // namespace tocsin::push
