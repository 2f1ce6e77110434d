#pragma once

#include <string_view>

// What the fuzzers call, and the replay of their corpora. Each takes any bytes, and aborts where a promise is broken.
namespace tocsin::fuzz {

// Bytes as an expression: it compiles or says why, with a column that lies in it; what compiles evaluates or says why.
void json_e_expression(std::string_view input);
// Bytes as a JSON template: the same; and render() and render_to() agree.
void json_e_template(std::string_view input);
// The first line is a JSON context, the rest a JSON template: evaluation over it keeps its limits, and what it writes is JSON.
void json_e_evaluation(std::string_view input);
// Bytes as JSON: read() agrees with Boost.JSON's own parser on what is JSON, and what append_json() writes of it reads back as
// the same.
void json_reader(std::string_view input);

} // namespace tocsin::fuzz
