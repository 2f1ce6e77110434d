// Which headers may stand in endpoint.headers (names and values: RFC 9110, 5.1 and 5.5).
#include "config/kinds.hpp"
#include "config/special_kinds.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>

namespace tocsin::config {
namespace {

namespace json = boost::json;

struct refusal {
  std::string_view name; // in lower case
  std::string_view why;
};

constexpr std::string_view framing = "frames the request, which is tocsin's own; leave it out";
constexpr std::string_view own = "is set by tocsin for each event; leave it out";
constexpr std::string_view secret = "is a secret, which never stands in the configuration; write endpoint.auth";

constexpr std::array refusals = std::to_array<refusal>({
    {"content-length", framing},
    {"transfer-encoding", framing},
    {"connection", framing},
    {"keep-alive", framing},
    {"proxy-connection", framing},
    {"te", framing},
    {"trailer", framing},
    {"upgrade", framing},
    {"expect", framing},
    {"http2-settings", framing},
    {"host", "follows from endpoint.url; leave it out"},
    {"idempotency-key", own},
    {"traceparent", own},
    {"tracestate", own},
    {"webhook-id", own},
    {"webhook-timestamp", own},
    {"webhook-signature", own},
    {"authorization", secret},
    {"proxy-authorization", secret},
});

// Parts of names whose values are not printed.
constexpr std::array<std::string_view, 7> telling = {"auth", "token", "key", "secret", "password", "cookie", "signature"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  return text.empty() || (!blank(text.front()) && !blank(text.back()));
}

bool may_be_secret(std::string_view name) {
  const auto folded = lower(name);
  return std::ranges::any_of(telling, [&](std::string_view part) { return folded.find(part) != std::string::npos; });
}

} // namespace

std::optional<headers_kind::type> headers_kind::read(const json::value& value, const place& at) const {
  static const text_kind text{is_header_value, "starts or ends with a blank; leave it out", emptiness::allowed};
  type result;
  if (value.is_null()) return result;
  if (!value.is_object()) {
    at.refuse(value, "stands where a mapping is wanted; write e.g. {X-Source: tocsin}");
    return std::nullopt;
  }
  for (const auto& [key, each] : value.get_object()) {
    const std::string name(key);
    const auto here = at.member(name);
    const auto folded = lower(name);
    const auto* const refused = std::ranges::find(refusals, folded, &refusal::name);
    const auto twice = std::ranges::find_if(result, [&](const auto& other) { return lower(other.first) == folded; });
    if (!here.usable()) continue;
    if (!is_token(name))
      here.refuse("is not a header's name; it has letters, digits and any of !#$%&'*+-.^_`|~");
    else if (refused != refusals.end())
      here.refuse(refused->why);
    else if (twice != result.end())
      here.refuse("stands here for the second time (case is ignored); leave one of them out");
    else if (auto read = text.read(each, here))
      result.emplace_back(name, *std::move(read));
  }
  return result;
}

json::value headers_kind::print(const type& value) const {
  json::object result;
  for (const auto& [name, text] : value) result[name] = may_be_secret(name) ? "***" : json::string(text);
  return result;
}

} // namespace tocsin::config
