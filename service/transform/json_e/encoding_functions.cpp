// Our own functions that encode text: hashes, base64, URLs.
#include "transform/json_e/arguments.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <utf8proc.h>

namespace tocsin::json_e {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(bytes(text), static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &point);
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string to_base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(text), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string to_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += hex_digits[static_cast<unsigned char>(c) >> 4U];
    out += hex_digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

// A digest as text, in the encoding that argument `at` names: 'hex', which is also the default, or 'base64'.
value encoded(const call& site, std::size_t at, const unsigned char* digest, unsigned size) {
  const std::string_view raw(reinterpret_cast<const char*>(digest), size);
  if (!has(site, at)) return site.machine.make_text(to_hex(raw));
  if (!site.arguments[at].is_string() || (site.arguments[at].as_string() != "hex" && site.arguments[at].as_string() != "base64"))
    return wrong_argument(site, at, "'hex' or 'base64'");
  return site.machine.make_text(site.arguments[at].as_string() == "hex" ? to_hex(raw) : to_base64(raw));
}

value digest(const call& site, const EVP_MD* algorithm) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 8)) return value::failure();
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr) != 1)
    return refused(site, "this hash is not to be had from the installed OpenSSL");
  return encoded(site, 1, out.data(), size);
}
value sha256(const call& site) { return digest(site, EVP_sha256()); }
value sha1(const call& site) { return digest(site, EVP_sha1()); }
value md5(const call& site) { return digest(site, EVP_md5()); }

value hmac_sha256(const call& site) {
  for (std::size_t at = 0; at < 2; ++at)
    if (!site.arguments[at].is_string()) return wrong_argument(site, at, "a string");
  const std::string_view key = site.arguments[0].as_string(), text = site.arguments[1].as_string();
  if (!site.machine.spend((key.size() + text.size()) / 8)) return value::failure();
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.empty() ? "" : key.data(), static_cast<int>(key.size()), bytes(text), text.size(), out.data(),
           &size) == nullptr)
    return refused(site, "this hash is not to be had from the installed OpenSSL");
  return encoded(site, 2, out.data(), size);
}

value base64(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  return site.machine.spend(text.size() / 16) ? site.machine.make_text(to_base64(text)) : value::failure();
}

// The alphabets of both RFC 4648 sections (4: +/, 5: -_), padded or not.
value base64_decode(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 8)) return value::failure();
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  std::string out;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    std::uint32_t six = 0;
    if (c >= 'A' && c <= 'Z')
      six = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      six = static_cast<std::uint32_t>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      six = static_cast<std::uint32_t>(c - '0') + 52;
    else if (c == '+' || c == '-')
      six = 62;
    else if (c == '/' || c == '_')
      six = 63;
    else
      return refused(site, "the text is not base64");
    pending = pending << 6U | six;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(pending >> static_cast<unsigned>(bits) & 0xFFU);
    }
  }
  if (text.size() % 4 == 1) return refused(site, "the text is not base64");
  if (!is_utf8(out)) return refused(site, "what the base64 stands for is no text (UTF-8)");
  return site.machine.make_text(out);
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

// RFC 3986: everything but unreserved characters.
value url_encode(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 8)) return value::failure();
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += static_cast<char>(std::toupper(hex_digits[static_cast<unsigned char>(c) >> 4U]));
    out += static_cast<char>(std::toupper(hex_digits[static_cast<unsigned char>(c) & 0xFU]));
  }
  return site.machine.make_text(out);
}

value url_decode(const call& site) {
  if (!site.arguments[0].is_string()) return wrong_argument(site, 0, "a string");
  const std::string_view text = site.arguments[0].as_string();
  if (!site.machine.spend(text.size() / 8)) return value::failure();
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto digit = [&](std::size_t place) {
      return place < text.size() ? hex_digits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(text[place]))))
                                 : std::string_view::npos;
    };
    const std::size_t high = digit(at + 1), low = digit(at + 2);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return refused(site, "a % is not followed by two hexadecimal digits");
    out += static_cast<char>(high << 4U | low);
    at += 2;
  }
  if (!is_utf8(out)) return refused(site, "what is encoded is no text (UTF-8)");
  return site.machine.make_text(out);
}

constexpr std::array table = {
    function{"sha256", "sha256(string[, 'hex' or 'base64'])", 1, 2, sha256, origin::ours},
    function{"sha1", "sha1(string[, 'hex' or 'base64'])", 1, 2, sha1, origin::ours},
    function{"md5", "md5(string[, 'hex' or 'base64'])", 1, 2, md5, origin::ours},
    function{"hmacSha256", "hmacSha256(key, string[, 'hex' or 'base64'])", 2, 3, hmac_sha256, origin::ours},
    function{"base64", "base64(string)", 1, 1, base64, origin::ours},
    function{"base64Decode", "base64Decode(string)", 1, 1, base64_decode, origin::ours},
    function{"urlEncode", "urlEncode(string)", 1, 1, url_encode, origin::ours},
    function{"urlDecode", "urlDecode(string)", 1, 1, url_decode, origin::ours},
};

} // namespace

std::span<const function> encoding_functions() noexcept { return table; }

} // namespace tocsin::json_e
