// The Guance bridge as one would write it by hand for nothing else: the yardstick of the schema and the mapping language.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <string>
#include <string_view>

namespace tocsin::bench {

class hand_written {
public:
  // False: refused. `body` is replaced.
  bool transform(std::string_view event, std::string& body);

  // Whether the seven members are there and truthy, and df_source is "monitor".
  static bool check(const boost::json::value& event);

private:
  std::array<unsigned char, 1 << 16> buffer_;
  boost::json::parser parser_, tags_parser_;
  boost::json::serializer serializer_;
};

} // namespace tocsin::bench
