// event.tables: JSON objects in files, for lookups in expressions.
#pragma once

#include "config/settings.hpp"
#include "transform/transformer.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <vector>

namespace tocsin::transform {

// What the name `tables` stands for in expressions: an object that holds each table under its name, in memory of its own, which
// is given back as a whole. Expressions refer to it; nothing of it is ever copied for an event. A file that cannot be used is a
// problem, and its table stays empty. Blocking file I/O; start-up and reload only.
[[nodiscard]] boost::json::value read_tables(const std::vector<config::lookup_table>& tables, const std::filesystem::path& folder,
                                             problems& found);

} // namespace tocsin::transform
