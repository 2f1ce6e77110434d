#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::json_e::test {

// JSON-e templates and contexts made at random, mostly such that they have a result. The same seed makes the same ones.
class random_templates {
public:
  explicit random_templates(std::uint64_t seed) : random_(seed) {}

  struct pair {
    boost::json::value source;
    boost::json::object context;
  };
  pair next();

private:
  enum class type { number, text, flag, array, object, any };

  int below(int count) { return static_cast<int>(random_() % static_cast<std::uint64_t>(count)); }
  bool once_in(int count) { return below(count) == 0; }
  template <class... Text>
  std::string one_of(Text... texts) {
    const std::string all[] = {std::string(texts)...};
    return all[below(static_cast<int>(sizeof...(texts)))];
  }
  std::string space() { return once_in(6) ? one_of(" ", "  ", "\n", "\t") : ""; }

  boost::json::value data(type wanted, int depth);
  type any_type() { return static_cast<type>(below(5)); }
  std::string key() { return one_of("a", "b", "c", "d", "key", "val", "x y", "警"); }
  std::string word();

  std::string expression(type wanted, int depth);
  std::string number(int depth);
  std::string text(int depth);
  std::string flag(int depth);
  std::string array(int depth);
  std::string object(int depth);
  std::string variable(type wanted);
  std::string literal(std::string_view content) {
    return once_in(2) ? "'" + std::string(content) + "'" : "\"" + std::string(content) + "\"";
  }
  std::string index() { return one_of("0", "1", "-1", "2", "-2", "0.0", "i"); }

  boost::json::value node(type wanted, int depth);
  boost::json::value operation(type wanted, int depth);
  boost::json::value of_array(int depth);
  boost::json::value of_object(int depth);
  boost::json::value conditional(type wanted, int depth);
  boost::json::value let(type wanted, int depth);
  std::string interpolated(int depth);
  boost::json::value each(type wanted, int depth, std::initializer_list<std::pair<std::string, type>> bound);
  std::string condition(int depth, std::string_view bound_name, type bound_type);

  struct variable_entry {
    std::string name;
    type kind;
  };
  std::mt19937_64 random_;
  std::vector<variable_entry> scope_;
};

} // namespace tocsin::json_e::test
