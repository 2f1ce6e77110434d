#pragma once

#include "transform/json_e/describe.hpp"
#include "transform/json_e/evaluator.hpp"
#include "transform/json_e/functions.hpp"

#include <fmt/format.h>

// What every function's implementation needs: complaints about arguments in one form.
namespace tocsin::json_e {

// The failure for argument `at` (from 0), which is not `wanted` ("a string", "an integer").
inline value wrong_argument(const call& site, std::size_t at, std::string_view wanted) {
  return site.machine.fail(fmt::format("{}: argument {} of {} must be {}, not {}", site.site.source, at + 1, site.site.name,
                                       wanted, describe(site.arguments[at])));
}

// The failure for arguments that are of the right types and do not do.
inline value refused(const call& site, std::string_view why) {
  return site.machine.fail(fmt::format("{}: {}", site.site.source, why));
}

inline bool has(const call& site, std::size_t at) { return at < site.arguments.size(); }

} // namespace tocsin::json_e
