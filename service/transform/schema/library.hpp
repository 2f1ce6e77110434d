// The documents that a schema consists of, and where in them a reference leads.
#pragma once

#include "transform/schema.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tocsin::schema::detail {

// Thrown while compiling, caught by compile().
struct compile_failure {
  schema_error error;
};

struct location {
  std::uint32_t document = 0;
  std::string pointer;
  const boost::json::value* value = nullptr;
};

class library {
public:
  // Identifiers are known from here on. Throws compile_failure.
  library(boost::json::value root, const schema_options&);

  [[nodiscard]] location root() const;

  // Where `reference`, found in the schema at `from`, leads; its document is loaded where it is a file. Throws compile_failure.
  [[nodiscard]] location resolve(const location& from, std::string_view reference);

  // The file of a document, for people; empty for a document that is none.
  [[nodiscard]] const std::string& name(std::uint32_t document) const { return documents_[document].name; }
  [[nodiscard]] std::size_t size() const { return documents_.size(); }

  // A failure at `keyword` (may be empty) of the schema at `where`.
  [[nodiscard]] compile_failure failure(const location& where, std::string_view keyword, std::string message) const;

private:
  struct document {
    std::string name;
    std::unique_ptr<boost::json::value> value;
  };
  enum class identifiers { registered, ignored };

  std::uint32_t add(boost::json::value, std::string name, const std::string& uri);
  void collect(location, std::string base, identifiers);
  const location* resource(const std::string& uri);
  location walk(const location& from, const location& start, std::string_view fragment, std::string_view reference);

  std::vector<document> documents_;
  std::unordered_map<std::string, location> resources_;              // by absolute URI, "#anchor" included
  std::unordered_map<const boost::json::value*, std::string> bases_; // of every subschema
};

// Parses with exact doubles. Throws compile_failure naming `name`.
[[nodiscard]] boost::json::value parse_document(std::string_view text, const std::string& name);
[[nodiscard]] boost::json::value read_document(const std::filesystem::path&);

// The draft's metaschema, as published at http://json-schema.org/draft-07/schema.
[[nodiscard]] std::string_view metaschema() noexcept;

} // namespace tocsin::schema::detail
