// Random draft 7 schemas, and values that fit them now and then.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <random>
#include <string>

namespace tocsin::schema {

class random_schema {
public:
  explicit random_schema(std::uint64_t seed) : random_(seed) {}

  // With "definitions" a, b and c, which the rest may refer to; a reference always goes deeper into the value.
  boost::json::object whole();
  boost::json::value instance(int depth = 3);

private:
  enum class references { allowed, none };

  boost::json::value schema(int depth, references);
  boost::json::value scalar();
  boost::json::array list_of_schemas(int depth, references);
  void numbers(boost::json::object&);
  void texts(boost::json::object&);
  void arrays(boost::json::object&, int depth);
  void objects(boost::json::object&, int depth);
  void combinations(boost::json::object&, int depth, references);

  std::string name();
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }

  std::mt19937_64 random_;
  bool in_definition_ = false;
};

} // namespace tocsin::schema
