// The lines that `tocsin transform` writes (design 6), also those of previews.
#pragma once

#include "transform/json_e/json_reader.hpp"
#include "transform/record_view.hpp"
#include "transform/verdict.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::cli {

using header_list = std::vector<std::pair<std::string, std::string>>;

class transform_line {
public:
  // `headers`: of every request.
  transform_line(header_list headers, bool colours);

  // One JSON object without a line break: {"line":1,"outcome":"deliver",…}. A body that is no JSON is a JSON string.
  [[nodiscard]] std::string of(std::uint64_t line, const transform::record_view&, const transform::verdict&);

  // One line of an explanation: "  /alertDims  {…}", the value cut at 160 characters.
  [[nodiscard]] std::string explained(std::string_view pointer, std::string_view value) const;

private:
  void append_body(std::string& to, const transform::record_view&, const transform::verdict&);
  [[nodiscard]] std::string painted(std::string_view text, std::string_view colour) const;

  std::string headers_; // as a JSON object
  bool colours_;
  json_e::json_reader reader_{10'000}; // tells whether a body is JSON
};

// The body of a delivery.
[[nodiscard]] std::string_view body_of(const transform::record_view&, const transform::verdict&);

} // namespace tocsin::cli
