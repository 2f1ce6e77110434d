// One schema object while it is compiled: its keywords, each read as what it must be or refused with its place.
#pragma once

#include "transform/schema/library.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::schema::detail {

class keywords {
public:
  // The value at `where` is an object. All members throw compile_failure.
  keywords(const library& documents, const location& where)
      : documents_(documents), where_(where), object_(where.value->get_object()) {}

  [[nodiscard]] const boost::json::value* find(std::string_view keyword) const { return object_.if_contains(keyword); }
  [[nodiscard]] std::optional<boost::json::value> number(std::string_view keyword) const;
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view keyword) const; // an integer of at least 0
  [[nodiscard]] std::optional<std::string_view> text(std::string_view keyword) const;
  [[nodiscard]] bool flag(std::string_view keyword) const;                      // false where absent
  [[nodiscard]] std::vector<std::string> names(std::string_view keyword) const; // an array of distinct strings
  [[nodiscard]] std::vector<std::string> names_in(std::string_view keyword, const boost::json::value&) const;
  [[nodiscard]] std::vector<location> list(std::string_view keyword) const; // a non-empty array of schemas
  [[nodiscard]] std::vector<std::pair<std::string_view, location>> map(std::string_view keyword) const;

  [[nodiscard]] location below(std::string_view keyword, const boost::json::value&) const;
  [[nodiscard]] location below(std::string_view keyword, std::string_view token, const boost::json::value&) const;

  // `$schema` may name draft 7 or 6, whose schemas mean the same in draft 7; others are refused by name.
  void refuse_other_drafts() const;

  [[noreturn]] void fail(std::string_view keyword, std::string message) const;

private:
  const library& documents_;
  const location& where_;
  const boost::json::object& object_;
};

} // namespace tocsin::schema::detail
