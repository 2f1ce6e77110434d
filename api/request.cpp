#include "api/request.hpp"

#include "runtime/assertion.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace tocsin::api {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view head_end = "\r\n\r\n";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 9112 3.2.1: a path and a query, nothing else: no absolute URL, no authority, no `*`.
bool is_origin_form(std::string_view target) {
  return target.starts_with('/') && std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bad_request from_parser(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return {413, "the body is larger than is taken here"};
  if (error == http::error::header_limit) return {431, "the request's head is larger than is taken here"};
  if (error == http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "no HTTP request: " + error.message()};
}

// What is wrong with the head although its grammar is right (RFC 9112 3.2, 6.1, 6.3).
std::optional<bad_request> fault_of(const http::request<http::string_body>& head) {
  if (head.version() != 10 && head.version() != 11) return bad_request{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (!is_origin_form(head.target())) return bad_request{400, "the request target is not a path; send e.g. GET /livez"};
  const auto hosts = head.count(http::field::host);
  if (hosts > 1) return bad_request{400, "more than one Host"};
  if (hosts == 0 && head.version() == 11) return bad_request{400, "Host is missing, which HTTP/1.1 requires"};
  const auto encodings = head.count(http::field::transfer_encoding), lengths = head.count(http::field::content_length);
  if (encodings > 0 && lengths > 0) return bad_request{400, "Transfer-Encoding and Content-Length together"};
  if (encodings > 0 && head.version() == 10) return bad_request{400, "Transfer-Encoding in HTTP/1.0"};
  if (encodings > 1 || (encodings == 1 && !equal_ignoring_case(head[http::field::transfer_encoding], "chunked")))
    return bad_request{400, "a Transfer-Encoding other than chunked"};
  if (lengths > 1 || (lengths == 1 && !all_digits(head[http::field::content_length])))
    return bad_request{400, "more than one Content-Length, or one that is no number"};
  if (head.count(http::field::expect) > 0 && !equal_ignoring_case(head[http::field::expect], "100-continue"))
    return bad_request{417, "an expectation other than 100-continue"};
  return std::nullopt;
}

} // namespace

const std::string* request::header(std::string_view name) const noexcept {
  const auto found = std::ranges::find(headers, name, [](const auto& each) { return std::string_view(each.first); });
  return found == headers.end() ? nullptr : &found->second;
}

bool request::flag(std::string_view name) const noexcept {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
    if (parameter.substr(0, parameter.find('=')) != name) continue;
    const std::string_view value = parameter.size() > name.size() ? parameter.substr(name.size() + 1) : std::string_view{};
    return value != "false" && value != "0";
  }
  return false;
}

struct request_reader::parser : http::request_parser<http::string_body> {};

request_reader::request_reader(request_limits limits) : limits_(limits) {}
request_reader::~request_reader() = default;

request_reader::state request_reader::feed(std::string_view bytes) {
  if (state_ == state::refused) return state_;
  buffer_ += bytes;
  go_on();
  return state_;
}

request request_reader::take() {
  TOCSIN_ASSERT(state_ == state::complete && head_);
  request result = std::move(*head_);
  head_.reset();
  parser_.reset();
  raw_body_ = checked_ = 0;
  continue_ = false;
  state_ = state::idle;
  go_on();
  return result;
}

void request_reader::go_on() {
  if (state_ == state::idle || state_ == state::head) read_head();
  if (state_ == state::body) read_body();
}

void request_reader::refuse(unsigned status, std::string detail) {
  refusal_ = {status, std::move(detail)};
  state_ = state::refused;
  buffer_.clear();
  parser_.reset();
}

// Refuses at once what can never become a head, so that nobody waits for its end: another protocol, a lone CR or LF, a folded
// line (RFC 9112 5.2), control characters. True: the head is whole; the end is at checked_.
bool request_reader::check_head_bytes() {
  const auto bad = [](char c) { return (c >= 0 && c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7f'; };
  for (; checked_ < buffer_.size(); ++checked_) {
    const char c = buffer_[checked_];
    const char before = checked_ > 0 ? buffer_[checked_ - 1] : '\0';
    if (bad(c)) return refuse(400, "no HTTP request: a control character in its head"), false;
    if ((before == '\r') != (c == '\n')) return refuse(400, "no HTTP request: a line break that is not CR LF"), false;
    if ((before == '\n' || checked_ == 0) && (c == ' ' || c == '\t'))
      return refuse(400, "a folded line, or one that begins with white space"), false;
    if (checked_ >= limits_.head) return refuse(431, "the request's head is larger than is taken here"), false;
    if (std::string_view(buffer_).substr(0, checked_ + 1).ends_with(head_end)) return ++checked_, true;
  }
  return false;
}

void request_reader::read_head() {
  while (checked_ == 0 && buffer_.starts_with("\r\n")) buffer_.erase(0, 2); // RFC 9112 2.2
  state_ = buffer_.empty() ? state::idle : state::head;
  if (buffer_.empty() || buffer_ == "\r" || !check_head_bytes()) return;

  parser_ = std::make_unique<parser>();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.head + 1));
  parser_->body_limit(limits_.body);
  parser_->eager(false);
  boost::system::error_code error;
  const std::size_t used = parser_->put(boost::asio::buffer(buffer_.data(), checked_), error);
  if (error && error != http::error::need_more) {
    const bad_request why = from_parser(error);
    return refuse(why.status, why.detail);
  }
  if (!parser_->is_header_done()) return refuse(400, "no HTTP request: its head has no end");
  if (const auto fault = fault_of(parser_->get())) return refuse(fault->status, fault->detail);
  TOCSIN_ASSERT(used == checked_);
  buffer_.erase(0, used);

  const auto& head = parser_->get();
  request& made = head_.emplace();
  const std::string_view target = head.target();
  made.method = head.method();
  made.path = target.substr(0, target.find('?'));
  made.query = made.path.size() < target.size() ? target.substr(made.path.size() + 1) : std::string_view{};
  for (const auto& field : head) made.headers.emplace_back(lower(field.name_string()), field.value());
  made.keep_alive = parser_->keep_alive();
  continue_ = head.version() == 11 && head.count(http::field::expect) > 0 && !parser_->is_done() && buffer_.empty();
  parser_->eager(true);
  state_ = state::body;
}

void request_reader::read_body() {
  boost::system::error_code error;
  while (!parser_->is_done() && !buffer_.empty()) {
    const std::size_t used = parser_->put(boost::asio::buffer(buffer_), error);
    if (error && error != http::error::need_more) {
      const bad_request why = from_parser(error);
      return refuse(why.status, why.detail);
    }
    buffer_.erase(0, used);
    raw_body_ += used;
    if (used == 0 || error == http::error::need_more) break;
  }
  if (parser_->is_done()) {
    head_->body = std::move(parser_->get().body());
    state_ = state::complete;
  } else if (raw_body_ > 2 * limits_.body || buffer_.size() > limits_.head) {
    // Chunks of a byte each, or a chunk's extension without an end.
    refuse(413, "the body's framing is larger than is taken here");
  }
}

} // namespace tocsin::api
