#include "api/guard.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

namespace tocsin::api {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

struct authority {
  std::string name; // in lower case, without the brackets of an IPv6 address
  std::string port; // empty: none
};

// None where it is no `host[:port]`.
std::optional<authority> parse_authority(std::string_view text) {
  authority result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.name = lower(text.substr(1, end - 1));
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    result.name = lower(text.substr(0, colon));
    rest = text.substr(colon);
  }
  if (result.name.ends_with('.')) result.name.pop_back();
  if (!rest.empty()) {
    result.port = rest.substr(1);
    if (rest[0] != ':' || result.port.empty() || result.port.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
  }
  if (result.name.empty()) return std::nullopt;
  return result;
}

bool is_address(const std::string& name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

std::string_view default_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

// Whether the origin, `scheme://host[:port]`, is the host that the request was sent to.
bool is_origin_of(std::string_view origin, std::string_view host) {
  const std::size_t end = origin.find("://");
  if (end == std::string_view::npos) return false; // `null` too
  const std::string scheme = lower(origin.substr(0, end));
  if (scheme != "http" && scheme != "https") return false;
  auto from = parse_authority(origin.substr(end + 3)), to = parse_authority(host);
  if (!from || !to) return false;
  if (from->port.empty()) from->port = default_port(scheme);
  if (to->port.empty()) to->port = default_port(scheme);
  return from->name == to->name && from->port == to->port;
}

std::array<unsigned char, 32> sha256(std::string_view text) {
  std::array<unsigned char, 32> result{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(space) - first + 1);
}

} // namespace

bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed) {
  const auto asked = parse_authority(host);
  if (!asked) return false;
  if (asked->name == "localhost" || asked->name.ends_with(".localhost") || is_address(asked->name)) return true;
  return std::ranges::any_of(allowed, [&](const std::string& each) {
    const auto entry = parse_authority(each);
    return entry && entry->name == asked->name && (entry->port.empty() || entry->port == asked->port);
  });
}

bool is_same_origin(const request& from) {
  const std::string* site = from.header("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") {
    const std::string* mode = from.header("sec-fetch-mode");
    if (is_mutation(from.method) || !mode || *mode != "navigate") return false;
  }
  const std::string* origin = from.header("origin");
  const std::string* host = from.header("host");
  return !origin || (host && is_origin_of(*origin, *host));
}

bool is_json(const request& from) {
  const std::string* type = from.header("content-type");
  return type && lower(trimmed(std::string_view(*type).substr(0, type->find(';')))) == "application/json";
}

token_file::token_file(std::filesystem::path file) : file_(std::move(file)) {}

void token_file::refresh() {
  struct ::stat found{};
  if (::stat(file_.c_str(), &found) != 0) {
    tokens_.clear();
    seen_ = {};
    fault_ = fmt::format("admin.token.file: {}: {}", file_.string(), std::strerror(errno));
    return;
  }
  const auto same = [](const struct ::stat& a, const struct ::stat& b) {
    return a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_size == b.st_size &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
  };
  if (fault_.empty() && !tokens_.empty() && same(found, seen_)) return;
  tokens_.clear();
  fault_.clear();
  seen_ = found;
  std::ifstream in(file_);
  std::string line;
  while (std::getline(in, line))
    if (const std::string_view token = trimmed(line); !token.empty()) tokens_.push_back(sha256(token));
  if (tokens_.empty())
    fault_ = fmt::format("admin.token.file: {}: {}", file_.string(),
                         in.is_open() ? "is empty; write a token into it, one a line" : "cannot be read");
}

std::optional<std::string> token_file::fault() {
  if (file_.empty()) return std::nullopt;
  refresh();
  return fault_.empty() ? std::nullopt : std::optional(fault_);
}

token_file::verdict token_file::check(const std::string* authorization) {
  if (file_.empty()) return verdict::passed;
  refresh();
  constexpr std::string_view scheme = "bearer ";
  if (!authorization || lower(std::string_view(*authorization).substr(0, scheme.size())) != scheme) return verdict::missing;
  const digest given = sha256(trimmed(std::string_view(*authorization).substr(scheme.size())));
  int matches = 0;
  for (const digest& each : tokens_) matches |= CRYPTO_memcmp(each.data(), given.data(), given.size()) == 0 ? 1 : 0;
  return matches ? verdict::passed : verdict::wrong;
}

std::string request_id(const request& from) {
  const std::string* given = from.header("x-request-id");
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (given && !given->empty() && given->size() <= 64 && std::ranges::all_of(*given, is_safe)) return *given;
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}", random());
}

} // namespace tocsin::api
