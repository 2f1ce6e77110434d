#include "config/kinds.hpp"

#include "config/nearest.hpp"
#include "config/print.hpp"
#include "config/quantities.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/ranges.h>

#include <algorithm>

namespace tocsin::config {
namespace {

namespace json = boost::json;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

bool is_word(const json::value& value, std::string_view word) {
  return value.is_string() && std::string_view(value.get_string()) == word;
}

// The text of a value; none, and told, where it is no text, or empty where that is refused.
std::optional<std::string> text_of(const json::value& value, const place& at, emptiness empty) {
  if (value.is_number() || value.is_bool()) {
    at.refuse(value, fmt::format("is {} and not text; put quotes around it", value.is_bool() ? "a boolean" : "a number"));
  } else if (value.is_null()) {
    at.refuse("has no value; write one, or leave the line out");
  } else if (!value.is_string()) {
    at.refuse(value, "stands where text is wanted");
  } else if (value.get_string().empty() && empty == emptiness::refused) {
    at.refuse("is empty; write a value, or leave the line out");
  } else {
    return std::string(value.get_string());
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> text_kind::read(const json::value& value, const place& at) const {
  auto text = text_of(value, at, empty);
  if (!text || text->empty()) return text;
  if (has_control(*text))
    at.refuse(value, "holds a line break or another control character; leave it out");
  else if (fits != nullptr && !fits(*text))
    at.refuse(value, rule);
  else
    return text;
  return std::nullopt;
}

json::value text_kind::print(const std::string& value) const {
  return value.empty() && empty == emptiness::refused ? json::value() : json::value(json::string(value));
}

std::optional<std::string> expression_kind::read(const json::value& value, const place& at) const {
  auto text = text_of(value, at, emptiness::refused);
  if (text && text->find('\0') != std::string::npos) {
    at.refuse(value, "holds a NUL character; leave it out");
    return std::nullopt;
  }
  return text;
}

json::value expression_kind::print(const std::string& value) const { return json::string(value); }

std::optional<bool> boolean_kind::read(const json::value& value, const place& at) const {
  if (value.is_bool()) return value.get_bool();
  at.refuse(value, "is neither true nor false; write one of them, without quotes");
  return std::nullopt;
}

std::optional<milliseconds> duration_kind::read(const json::value& value, const place& at) const {
  if (value.is_number()) {
    at.refuse(value, fmt::format("has no unit; write e.g. {} (units: ms, s, m, h)", example));
    return std::nullopt;
  }
  const auto duration = value.is_string() ? parse_duration(value.get_string()) : std::nullopt;
  if (!duration)
    at.refuse(value, fmt::format("is not a duration; write e.g. {}", example));
  else if (*duration < least || *duration > most)
    at.refuse(value, fmt::format("is out of range; write a duration from {} to {}", print_duration(least), print_duration(most)));
  else
    return duration;
  return std::nullopt;
}

json::value duration_kind::print(const milliseconds& value) const { return json::string(print_duration(value)); }

std::optional<std::optional<milliseconds>> optional_duration_kind::read(const json::value& value, const place& at) const {
  if (is_word(value, "none")) return type();
  if (value.is_string() && !parse_duration(value.get_string())) {
    at.refuse(value, fmt::format("is not a duration; write e.g. {}, or none", inner.example));
    return std::nullopt;
  }
  const auto duration = inner.read(value, at);
  return duration ? std::optional(type(*duration)) : std::nullopt;
}

json::value optional_duration_kind::print(const type& value) const { return value ? inner.print(*value) : "none"; }

std::optional<std::uint64_t> size_kind::read(const json::value& value, const place& at) const {
  std::optional<std::uint64_t> size;
  if (value.is_int64() && value.get_int64() >= 0)
    size = static_cast<std::uint64_t>(value.get_int64());
  else if (value.is_string())
    size = parse_size(value.get_string());
  if (!size)
    at.refuse(value, fmt::format("is not a size; write e.g. {} (units: B, KiB, MiB, GiB)", example));
  else if (*size < least || *size > most)
    at.refuse(value, fmt::format("is out of range; write a size from {} to {}", print_size(least), print_size(most)));
  else
    return size;
  return std::nullopt;
}

json::value size_kind::print(const std::uint64_t& value) const { return json::string(print_size(value)); }

std::optional<rate_limit> rate_kind::read(const json::value& value, const place& at) const {
  if (is_word(value, "none")) return rate_limit{};
  if (value.is_string())
    if (const auto rate = parse_rate(value.get_string())) return rate;
  at.refuse(value, "is not a rate; write e.g. 20/min or 100/s, or none");
  return std::nullopt;
}

json::value rate_kind::print(const rate_limit& value) const { return json::string(print_rate(value)); }

std::optional<std::optional<listen_address>> listen_kind::read(const json::value& value, const place& at) const {
  if (is_word(value, "off")) return type();
  if (value.is_string())
    if (auto address = parse_listen_address(value.get_string())) return type(*std::move(address));
  at.refuse(value,
            fmt::format("is not an address to listen on; write an IP address and a port, e.g. \"{}\" or \"[::1]:8081\", or off",
                        example));
  return std::nullopt;
}

json::value listen_kind::print(const type& value) const {
  return value ? json::string(print_listen_address(*value)) : json::string("off");
}

std::optional<std::filesystem::path> path_kind::read(const json::value& value, const place& at) const {
  const auto text = text_kind{.empty = empty}.read(value, at);
  if (!text) return std::nullopt;
  if (text->empty()) return std::filesystem::path();
  return (at.folder() / *text).lexically_normal();
}

json::value path_kind::print(const std::filesystem::path& value) const { return json::string(value.string()); }

std::optional<secret_file> secret_kind::read(const json::value& value, const place& at) const {
  if (!value.is_object()) {
    at.refuse("a secret never stands in the configuration; put it into a file and write {file: PATH}");
    return std::nullopt;
  }
  const auto& members = value.get_object();
  bool sound = true;
  for (const auto& [name, ignored] : members) {
    if (name == "file") continue;
    at.member(name).refuse("is not known here; a secret is {file: PATH} and nothing else");
    sound = false;
  }
  const auto* const file = members.if_contains("file");
  if (file == nullptr) {
    if (sound) at.refuse("names no file; write {file: PATH}");
    return std::nullopt;
  }
  const auto here = at.member("file");
  if (!here.usable()) return std::nullopt;
  auto path = path_kind{.empty = empty}.read(*file, here);
  if (!path || !sound) return std::nullopt;
  return secret_file{*std::move(path)};
}

json::value secret_kind::print(const secret_file& value) const {
  return value.file.empty() ? json::object{{"file", ""}} : json::value("***");
}

std::optional<std::string> url_kind::read(const json::value& value, const place& at) const {
  const auto text = text_kind{}.read(value, at);
  if (!text) return std::nullopt;
  const json::value safe(json::string(redacted_url(*text))); // a query may hold a token
  const auto url = boost::urls::parse_uri(*text);
  if (!url) {
    at.refuse(safe, "is not a URL; write e.g. https://omp.example/api/alerts, other characters than ASCII percent-encoded");
  } else if (url->scheme_id() != boost::urls::scheme::http && url->scheme_id() != boost::urls::scheme::https) {
    at.refuse(safe, "is neither http nor https; write e.g. https://omp.example/api/alerts");
  } else if (url->has_userinfo()) {
    at.refuse(
        "holds a user name or a password; take it out and write endpoint.auth: {basic: {user: NAME, password: {file: PATH}}}");
  } else if (url->host().empty()) {
    at.refuse(safe, "has no host; write e.g. https://omp.example/api/alerts");
  } else if (url->has_port() && url->port_number() == 0) {
    at.refuse(safe, "has a port that is none; write one from 1 to 65535, or leave the colon out");
  } else if (url->has_fragment()) {
    at.refuse(safe, "has a fragment (#...), which is never sent; leave it out");
  } else {
    return text;
  }
  return std::nullopt;
}

json::value url_kind::print(const std::string& value) const { return json::string(redacted_url(value)); }

void refuse_word(const json::value& value, const place& at, const std::vector<std::string_view>& words) {
  const auto near = value.is_string() ? nearest(value.get_string(), words) : std::string_view();
  at.refuse(value,
            fmt::format("is none of {}{}", fmt::join(words, ", "), near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

} // namespace tocsin::config
