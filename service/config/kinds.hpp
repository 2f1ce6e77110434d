// The kinds of values that a configuration is made of. A kind reads a JSON value into its `type` (none, and the fault told at the
// place, where it is no such value) and prints one back as it would stand in a file; null: it would be left out.
#pragma once

#include "config/place.hpp"
#include "config/settings.hpp"

#include <fmt/format.h>

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::config {

template <class K>
concept kind = requires(const K& k, const boost::json::value& value, const place& at, const typename K::type& read) {
  { k.read(value, at) } -> std::same_as<std::optional<typename K::type>>;
  { k.print(read) } -> std::same_as<boost::json::value>;
};

enum class emptiness { refused, allowed };

// Text on one line. `rule` is a further test with its message, e.g. "is not a topic's name; …"; null: any text.
struct text_kind {
  using type = std::string;
  bool (*fits)(std::string_view) = nullptr;
  std::string_view rule;
  emptiness empty = emptiness::refused;
  [[nodiscard]] std::optional<std::string> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const std::string& value) const;
};

// A JSON-e expression: text that may have several lines. It is compiled by the transformer.
struct expression_kind {
  using type = std::string;
  [[nodiscard]] std::optional<std::string> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const std::string& value) const;
};

template <std::unsigned_integral T>
struct count_kind {
  using type = T;
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<T>::max();
  [[nodiscard]] std::optional<T> read(const boost::json::value& value, const place& at) const {
    const auto number =
        value.is_int64() && value.get_int64() >= 0 ? std::optional(static_cast<std::uint64_t>(value.get_int64())) : std::nullopt;
    if (number && *number >= least && *number <= most) return static_cast<T>(*number);
    if (value.is_number())
      at.refuse(value, fmt::format("is out of range; write a whole number from {} to {}", least, most));
    else
      at.refuse(value, fmt::format("is not a whole number; write one from {} to {}, without quotes", least, most));
    return std::nullopt;
  }
  [[nodiscard]] boost::json::value print(const T& value) const { return std::int64_t{value}; }
};

struct boolean_kind {
  using type = bool;
  [[nodiscard]] std::optional<bool> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const bool& value) const { return value; }
};

struct duration_kind {
  using type = milliseconds;
  std::string_view example;
  milliseconds least{1};
  milliseconds most{std::chrono::hours(24)};
  [[nodiscard]] std::optional<milliseconds> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const milliseconds& value) const;
};

// A duration or `none`.
struct optional_duration_kind {
  using type = std::optional<milliseconds>;
  duration_kind inner;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

struct size_kind {
  using type = std::uint64_t;
  std::string_view example;
  std::uint64_t least = 1;
  std::uint64_t most = 1ULL << 40;
  [[nodiscard]] std::optional<std::uint64_t> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const std::uint64_t& value) const;
};

// 20/min or `none`.
struct rate_kind {
  using type = rate_limit;
  [[nodiscard]] std::optional<rate_limit> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const rate_limit& value) const;
};

// host:port or `off`.
struct listen_kind {
  using type = std::optional<listen_address>;
  std::string_view example;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// A path, relative to the configuration's folder; "" is none.
struct path_kind {
  using type = std::filesystem::path;
  emptiness empty = emptiness::allowed;
  [[nodiscard]] std::optional<std::filesystem::path> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const std::filesystem::path& value) const;
};

// {file: PATH}; a literal is refused without being shown. Printed as "***".
struct secret_kind {
  using type = secret_file;
  emptiness empty = emptiness::refused;
  [[nodiscard]] std::optional<secret_file> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const secret_file& value) const;
};

// An http or https URL with a host and without user information or fragment. Printed without its query's values.
struct url_kind {
  using type = std::string;
  [[nodiscard]] std::optional<std::string> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const std::string& value) const;
};

// One of some words.
template <class E>
struct choice_kind {
  using type = E;
  std::vector<std::pair<std::string_view, E>> words;
  [[nodiscard]] std::optional<E> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const E& value) const {
    for (const auto& [word, meaning] : words)
      if (meaning == value) return boost::json::string(word);
    return nullptr;
  }
};

// A list, `least` elements long at least. A faulty element keeps its place, with its type's default.
template <kind K>
struct list_kind {
  using type = std::vector<typename K::type>;
  K element;
  std::size_t least = 0;
  [[nodiscard]] std::optional<type> read(const boost::json::value& value, const place& at) const;
  [[nodiscard]] boost::json::value print(const type& value) const;
};

// --- implementation of the templates

// Tells that `value` is none of `words`, with the nearest of them.
void refuse_word(const boost::json::value& value, const place& at, const std::vector<std::string_view>& words);

template <class E>
std::optional<E> choice_kind<E>::read(const boost::json::value& value, const place& at) const {
  std::vector<std::string_view> known;
  for (const auto& [word, meaning] : words) {
    if (value.is_string() && std::string_view(value.get_string()) == word) return meaning;
    known.push_back(word);
  }
  refuse_word(value, at, known);
  return std::nullopt;
}

template <kind K>
std::optional<typename list_kind<K>::type> list_kind<K>::read(const boost::json::value& value, const place& at) const {
  if (!value.is_array()) {
    at.refuse(value, "is not a list; write [..., ...], or one element a line after a hyphen");
    return std::nullopt;
  }
  type result;
  const auto& elements = value.get_array();
  if (elements.size() < least) at.refuse(fmt::format("has {} elements; at least {} is wanted", elements.size(), least));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto here = at.element(i);
    auto read = here.usable() ? element.read(elements[i], here) : std::nullopt;
    result.push_back(read ? *std::move(read) : typename K::type());
  }
  return result;
}

template <kind K>
boost::json::value list_kind<K>::print(const type& value) const {
  boost::json::array result;
  for (const auto& each : value) result.push_back(element.print(each));
  return result;
}

} // namespace tocsin::config
